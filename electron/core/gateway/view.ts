import { realpath } from 'node:fs/promises';
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
  readonly folders: () => RunFolders;
  /** These are the master's own folders: it writes into them itself, and knows how to convert what is in them. */
  readonly masterSharesFolders: () => boolean;
  readonly logger: Logger;
}

/** Which file of ours a request means. */
export interface Meant {
  readonly root: keyof RunFolders;
  /** Below the root, with "/". */
  readonly folder: string;
  readonly filename: string;
}

/**
 * GET /view: what runs brought home, with or without their servers, and what else lies on this disk; everything else is the
 * master's. Files are found by their place alone, so that they are there after any restart.
 */
export async function view(call: Call, deps: ViewDeps): Promise<void> {
  const { request, response, query } = call;
  const meant = meantBy(query);
  if (typeof meant === 'number') {
    sendEmpty(response, meant);
    return;
  }
  if (meant !== null && isHere(meant, query, deps.masterSharesFolders())) {
    const file = await locate(deps.folders()[meant.root], meant);
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

/** Whether we may answer by ourselves when the file is there. */
function isHere({ root }: Meant, query: URLSearchParams, masterShares: boolean): boolean {
  if (root === 'previews') return true;
  return masterShares ? !converts(query) : root === 'output';
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
  const [first, ...rest] = subfolder.split('/');
  if (type === 'temp' && first === PREVIEWS_FOLDER) {
    return { root: 'previews', folder: rest.join('/'), filename: name };
  }
  // Any other type is refused by the master, in its own words.
  return isFolder(type) ? { root: type, folder: subfolder, filename: name } : null;
}

/** Pictures in another format or with one channel: only a ComfyUI can make these. */
function converts(query: URLSearchParams): boolean {
  const channel = query.get('channel');
  return query.has('preview') || channel === 'rgb' || channel === 'a';
}

function isFolder(type: string): type is 'output' | 'input' | 'temp' {
  return type === 'output' || type === 'input' || type === 'temp';
}

/** @returns null when there is none below the root; a link that leads out of it is the master's to judge */
export async function locate(
  root: string,
  { folder, filename }: Pick<Meant, 'folder' | 'filename'>,
): Promise<string | null> {
  const file = path.join(root, ...folder.split('/'), filename);
  try {
    const [real, realRoot] = await Promise.all([realpath(file), realpath(root)]);
    const way = path.relative(realRoot, real);
    return way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way) ? null : file;
  } catch {
    return null;
  }
}
