import { createHash } from 'node:crypto';
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { writeFileAtomically } from '../settings/atomic-file.ts';
import type { Web } from './fetch-file.ts';
import { fileNameFor, type ReleaseFile, releaseFileOf } from './release.ts';
import { fileInTarball } from './tar.ts';

export const RELEASES = 'https://api.github.com/repos/cloudflare/cloudflared/releases/latest';

const MEBIBYTE = 1_048_576;
const MOST_BYTES = 300 * MEBIBYTE;
const MOST_ANSWER = 4 * MEBIBYTE;
const FOR_THIS_USER = 0o700;

export interface DownloadDeps {
  readonly web: Web;
  /** Of the API that tells of the newest release. */
  readonly releases: string;
  /** Where the program goes. */
  readonly directory: string;
  readonly platform: NodeJS.Platform;
  readonly arch: string;
}

export interface Downloaded {
  readonly path: string;
  readonly version: string;
  /** Of what was fetched, as its release publishes it. */
  readonly sha256: string;
}

export interface DownloadProgress {
  readonly version: string;
  readonly received: number;
  readonly total: number | null;
}

/** Where a downloaded cloudflared is kept. */
export function downloadedProgram(directory: string, platform: NodeJS.Platform): string {
  return path.join(directory, platform === 'win32' ? 'cloudflared.exe' : 'cloudflared');
}

/**
 * Fetches the newest official release; the file takes its place only once its checksum is the published one.
 * @throws EnsembleError('unavailable' | 'disk-full' | 'settings-unwritable'); what was there before stays
 */
export async function downloadProgram(
  deps: DownloadDeps,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal,
): Promise<Downloaded> {
  const name = fileNameFor(deps.platform, deps.arch);
  const file = releaseFileOf(await readJson(deps, signal), name);
  const { directory, platform } = deps;
  const target = downloadedProgram(directory, platform);
  const part = path.join(directory, `${name}.${process.pid}.part`);
  try {
    await mkdir(directory, { recursive: true, mode: FOR_THIS_USER });
    await fetchChecked(deps.web, file, part, onProgress, signal);
    if (name.endsWith('.tgz')) await unpack(part);
    await chmod(part, FOR_THIS_USER);
    await rename(part, target);
    const { version, sha256 } = file;
    await writeFileAtomically(noteFile(directory), `${JSON.stringify({ version, sha256 })}\n`);
    return { path: target, version, sha256 };
  } catch (error) {
    if (error instanceof EnsembleError || signal.aborted) throw error;
    throw explain(error, directory);
  } finally {
    await rm(part, { force: true }).catch(() => undefined);
  }
}

/** What a kill -9 in the middle of a download left behind. */
export async function removeHalfDownloads(directory: string): Promise<void> {
  for (const name of await readdir(directory).catch(() => [])) {
    if (name.endsWith('.part')) await rm(path.join(directory, name), { force: true }).catch(() => undefined);
  }
}

/** @returns the checksum of what was downloaded; null when nobody knows */
export async function notedChecksum(directory: string): Promise<string | null> {
  const text = await readFile(noteFile(directory), 'utf8').catch(() => '{}');
  try {
    return noteSchema.parse(JSON.parse(text)).sha256;
  } catch {
    return null;
  }
}

const noteSchema = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });

function noteFile(directory: string): string {
  return path.join(directory, 'cloudflared.json');
}

async function readJson({ web, releases }: DownloadDeps, signal: AbortSignal): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await web.open(releases, signal)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MOST_ANSWER) return null;
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return null;
  }
}

async function fetchChecked(
  web: Web,
  file: ReleaseFile,
  part: string,
  onProgress: (progress: DownloadProgress) => void,
  signal: AbortSignal,
): Promise<void> {
  const { version, size: total, url, name } = file;
  onProgress({ version, received: 0, total });
  const body = await web.open(url, signal);
  const handle = await open(part, 'w', 0o600);
  const sha256 = await write(body, handle, (received) => onProgress({ version, received, total })).finally(
    () => handle.close(),
  );
  if (sha256 === file.sha256) return;
  throw new EnsembleError(
    'unavailable',
    `${name} of release ${version} did not arrive as it was published: its SHA-256 is ${sha256}, not ${file.sha256}.`,
    'Nothing of it was kept. Try again; if it stays so, somebody on the way changes it.',
  );
}

async function write(
  body: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  onReceived: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of body) {
    received += chunk.length;
    if (received > MOST_BYTES) throw new Error('it is larger than any cloudflared');
    hash.update(chunk);
    await handle.appendFile(chunk);
    onReceived(received);
  }
  await handle.sync();
  return hash.digest('hex');
}

async function unpack(part: string): Promise<void> {
  const content = fileInTarball(await readFile(part), 'cloudflared', MOST_BYTES);
  if (content === null) throw new Error('its archive holds no cloudflared');
  const handle = await open(part, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function explain(error: unknown, directory: string): EnsembleError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `cloudflared could not be kept: the disk of ${directory} is full.`;
    return new EnsembleError('disk-full', message, 'Free some space, then try again.');
  }
  if (['EACCES', 'EPERM', 'EBUSY', 'EROFS'].includes(code)) {
    return new EnsembleError(
      'settings-unwritable',
      `cloudflared could not be written to ${directory} (${code}).`,
      'Stop the tunnel, check that you may write to that folder, then try again.',
    );
  }
  return new EnsembleError(
    'unavailable',
    `cloudflared could not be downloaded: ${messageOf(error)}.`,
    'Check the connection to the internet and try again.',
  );
}
