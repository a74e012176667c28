import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { readRange } from './read-range.ts';
import { letGo, type ServedFile, type ServeFile } from './served-file.ts';

export interface FileSources {
  /** Latest live preview of an instance. */
  readonly preview: (instanceId: string) => { readonly bytes: Uint8Array; readonly mime: string } | null;
  /** The PNG of a test picture. */
  readonly picture: (pictureId: string) => string | null;
  /** A file that a run brought home. */
  readonly artifact: (artifactId: string) => { readonly path: string; readonly mime: string } | null;
  /** A small picture that stands for a PNG; null where the whole one has to. */
  readonly thumbnail: (
    artifactId: string,
    file: string,
    signal: AbortSignal | undefined,
  ) => Promise<{ readonly path: string; readonly mime: string } | null>;
  /** The log file of an instance. */
  readonly log: (instanceId: string) => string | null;
}

/** Ids are ours, but the path comes from a browser: nothing but these five shapes is ever looked up. */
const ROUTE =
  /^\/files\/(?:(previews|pictures|thumbnails|logs)\/([A-Za-z0-9_-]{1,64})(?:\.png|\.txt)?|(artifacts)\/([A-Za-z0-9_-]{1,64})(?:\.[A-Za-z0-9]{1,12})?)$/;

const FOR_GOOD = 'private, max-age=86400, immutable';

export function createFileServer(sources: FileSources): ServeFile {
  return async (pathname, _search, range = null, signal = undefined) => {
    const [, ours, ourId, theirs, theirId] = ROUTE.exec(pathname) ?? [];
    const [kind, id] = [ours ?? theirs, ourId ?? theirId];
    if (kind === undefined || id === undefined) return null;
    if (kind === 'previews') return previewOf(sources.preview(id));
    if (kind === 'pictures') return fromDisk(sources.picture(id), 'image/png', FOR_GOOD);
    if (kind === 'artifacts') return artifactOf(sources.artifact(id), range);
    if (kind === 'thumbnails') return thumbnailOf(sources, id, signal);
    const served = await fromDisk(sources.log(id), 'text/plain; charset=utf-8', 'no-store');
    return served && withHeader(served, 'content-disposition', `attachment; filename="${id}.log.txt"`);
  };
}

function previewOf(frame: ReturnType<FileSources['preview']>): ServedFile | null {
  if (frame === null) return null;
  return {
    status: 200,
    headers: {
      'content-type': frame.mime,
      'content-length': String(frame.bytes.byteLength),
      'cache-control': 'no-store',
    },
    body: frame.bytes,
  };
}

/** Pictures of other kinds, and what cannot be made small, come as they are. */
async function thumbnailOf(
  sources: FileSources,
  id: string,
  signal: AbortSignal | undefined,
): Promise<ServedFile | null> {
  const whole = sources.artifact(id);
  if (whole?.mime !== 'image/png') return artifactOf(whole, null);
  const small = await sources.thumbnail(id, whole.path, signal).catch(() => null);
  if (signal?.aborted) return null;
  const served = small && (await fromDisk(small.path, small.mime, FOR_GOOD));
  return served ?? artifactOf(whole, null);
}

/** Files of workers are not to be trusted: what a browser would run as a page is only handed out for saving. */
async function artifactOf(
  file: ReturnType<FileSources['artifact']>,
  range: string | null,
): Promise<ServedFile | null> {
  if (file === null) return null;
  const shown = /^(image|video|audio)\//.test(file.mime) && file.mime !== 'image/svg+xml';
  const mime = shown ? file.mime : 'application/octet-stream';
  const served = await partOf(file.path, mime, range);
  return served === null || shown ? served : withHeader(served, 'content-disposition', 'attachment');
}

/** A whole result, or the part of it that a player asks for. */
async function partOf(file: string, mime: string, range: string | null): Promise<ServedFile | null> {
  const whole = await fromDisk(file, mime, FOR_GOOD);
  if (whole === null) return null;
  const size = Number(whole.headers['content-length']);
  const part = readRange(range, size);
  const headers = { ...whole.headers, 'accept-ranges': 'bytes' };
  if (part === 'all') return { ...whole, headers };
  letGo(whole.body);
  if (part === 'none') {
    const refused = { 'content-range': `bytes */${size}`, 'content-length': '0' };
    return { status: 416, headers: refused, body: new Uint8Array() };
  }
  const { first, last } = part;
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(last - first + 1),
      'content-range': `bytes ${first}-${last}/${size}`,
    },
    body: createReadStream(file, { start: first, end: last }),
  };
}

async function fromDisk(file: string | null, mime: string, cache: string): Promise<ServedFile | null> {
  if (file === null) return null;
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile()) return null;
  return {
    status: 200,
    // A log grows while it is sent: the stream ends where the length was promised.
    headers: { 'content-type': mime, 'content-length': String(info.size), 'cache-control': cache },
    body: info.size === 0 ? new Uint8Array() : createReadStream(file, { end: info.size - 1 }),
  };
}

function withHeader(served: ServedFile, name: string, value: string): ServedFile {
  return { ...served, headers: { ...served.headers, [name]: value } };
}
