import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Logger } from '../ports.ts';
import type { RunFolders } from '../runs/run-fleet.ts';
import type { FleetQuestions } from './fleet-questions.ts';
import { replyWithFile } from './http/file-reply.ts';
import { passOn } from './http/proxy.ts';
import { sendEmpty, sendText } from './http/replies.ts';
import type { Call } from './http/router.ts';
import { PREVIEWS_FOLDER } from './jobs/shown.ts';

export interface ViewDeps {
  readonly questions: FleetQuestions;
  readonly folders: () => Pick<RunFolders, 'output' | 'previews'>;
  /** The master writes into our output folder itself, and knows how to convert what is in it. */
  readonly masterSharesOutput: () => boolean;
  readonly logger: Logger;
}

/** Which file of ours a request means. */
export interface Meant {
  readonly root: 'output' | 'previews';
  /** Below the root, with "/". */
  readonly folder: string;
  readonly filename: string;
}

/**
 * GET /view: what runs brought home, with or without their servers; everything else is the master's. Files are found by
 * their place alone, so that they are there after any restart.
 */
export async function view(call: Call, deps: ViewDeps): Promise<void> {
  const { request, response, query } = call;
  const meant = meantBy(query);
  if (typeof meant === 'number') {
    sendEmpty(response, meant);
    return;
  }
  if (meant !== null && !(converts(query) && meant.root === 'output' && deps.masterSharesOutput())) {
    const file = await locate(deps.folders()[meant.root], meant);
    if (file === 'outside') {
      sendEmpty(response, 403);
      return;
    }
    if (file !== null && (await replyWithFile(request, response, file))) return;
    if (meant.root === 'previews') {
      sendEmpty(response, 404);
      return;
    }
  }
  const { upstream } = deps.questions;
  if (upstream === null) sendText(response, 'The fleet is still being set up.\n', 503);
  else await passOn(request, response, upstream, `/view?${query}`, deps.logger);
}

/** @returns null for what is the master's, or the status that refuses it. Pure. */
export function meantBy(query: URLSearchParams): Meant | null | 400 | 403 {
  const given = query.get('filename');
  if (given === null) return null;
  const [, bare, annotation] = /^(.*) \[(input|output|temp)\]$/s.exec(given) ?? [];
  const filename = bare ?? given;
  const type = annotation ?? query.get('type') ?? 'output';
  if (filename === '' || filename.startsWith('/') || filename.includes('..') || filename.includes('\0'))
    return 400;
  const subfolder = (query.get('subfolder') ?? '').replaceAll('\\', '/');
  if (subfolder.startsWith('/') || subfolder.includes('\0') || subfolder.split('/').includes('..'))
    return 403;
  const name = filename.replaceAll('\\', '/').split('/').at(-1) ?? '';
  if (type === 'output') return { root: 'output', folder: subfolder, filename: name };
  const [first, ...rest] = subfolder.split('/');
  if (type === 'temp' && first === PREVIEWS_FOLDER) {
    return { root: 'previews', folder: rest.join('/'), filename: name };
  }
  return null;
}

/** Pictures in another format or with one channel: only a ComfyUI can make these. */
function converts(query: URLSearchParams): boolean {
  const channel = query.get('channel');
  return query.has('preview') || channel === 'rgb' || channel === 'a';
}

/** @returns null when there is none; 'outside' when the name or a link leads out of the root */
export async function locate(
  root: string,
  { folder, filename }: Pick<Meant, 'folder' | 'filename'>,
): Promise<string | 'outside' | null> {
  const file = path.join(root, ...folder.split('/'), filename);
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile()) return null;
  const [real, realRoot] = await Promise.all([realpath(file), realpath(root)]);
  const way = path.relative(realRoot, real);
  const isOutside = way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way);
  return isOutside ? 'outside' : file;
}
