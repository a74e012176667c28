import { type FileHandle, open, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { typeOf } from '../../runs/artifacts/kinds.ts';
import { extensionOf } from '../../runs/artifacts/names.ts';
import { sender } from './sender.ts';

/** Files as ComfyUI's /view gives them out: whole, in part, or only their head. */

/** Twice this much is in memory for one download: what streams of Node take at a time halves the rate. */
const CHUNK_BYTES = 1_048_576;
/** Kept for the next downloads: fresh memory costs as much as reading the file. */
const MOST_SPARE = 8;
const spare: Buffer[] = [];

interface Part {
  readonly start: number;
  readonly end: number;
}

/** @returns false when there is no such file: nothing is answered then */
export async function replyWithFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
): Promise<boolean> {
  const info = await stat(file).catch(() => null);
  if (info === null || !info.isFile()) return false;
  const { size, mtime, mtimeMs } = info;
  const tag = `"${Math.round(mtimeMs * 1e6).toString(16)}-${size.toString(16)}"`;
  const about = { 'Last-Modified': mtime.toUTCString(), ETag: tag, 'Accept-Ranges': 'bytes' };
  if (isKnown(request, tag, mtime)) {
    response.writeHead(304, about).end();
    return true;
  }
  const part = partOf(request.headers.range, size);
  if (part === 'outside') {
    response.writeHead(416, { ...about, 'Content-Range': `bytes */${size}`, 'Content-Length': 0 }).end();
    return true;
  }
  const { start, end } = part ?? { start: 0, end: size - 1 };
  response.writeHead(part === null ? 200 : 206, {
    ...about,
    ...contentHeaders(file),
    'Content-Length': end - start + 1,
    ...(part === null ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) response.end();
  else await pour(file, { start, end }, response);
  return true;
}

/** Two buffers in turn: while one is sent the other is filled. */
async function pour(file: string, { start, end }: Part, response: ServerResponse): Promise<void> {
  const handle = await open(file).catch(() => null);
  const send = sender(response);
  const buffers = [takeBuffer(), takeBuffer()];
  try {
    let sent: Promise<boolean> = Promise.resolve(true);
    for (let at = start; at <= end; ) {
      const [buffer = Buffer.alloc(0)] = buffers;
      buffers.reverse();
      const chunk = await fill(handle, buffer, at, end);
      // Somebody who goes in the middle is no failure.
      if (!(await sent)) return;
      // More was promised than there is now: only a broken connection says so.
      if (chunk.length === 0) {
        response.destroy();
        return;
      }
      at += chunk.length;
      sent = send(chunk);
    }
    if (!(await sent)) return;
    response.end();
    // Only what has left for good is free: a broken connection may still hold it.
    spare.push(...buffers.slice(0, MOST_SPARE - spare.length));
  } finally {
    await handle?.close();
  }
}

function takeBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
}

/** @returns what could be read; empty when it could not */
async function fill(handle: FileHandle | null, buffer: Buffer, at: number, end: number): Promise<Buffer> {
  const wanted = Math.min(buffer.length, end - at + 1);
  const read = await handle?.read(buffer, 0, wanted, at).catch(() => null);
  return buffer.subarray(0, read?.bytesRead ?? 0);
}

/** Files of workers are not to be trusted: what a browser would run as a page is only handed out for saving. */
function contentHeaders(file: string): Readonly<Record<string, string>> {
  const { mime } = typeOf(extensionOf(file));
  const active = mime === 'image/svg+xml';
  // Headers carry bytes: a name outside Latin-1 goes out as its UTF-8.
  const name = path.basename(file).replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const bytes = Buffer.from(name, 'utf8').toString('latin1');
  return {
    'Content-Type': active ? 'application/octet-stream' : mime,
    'Content-Disposition': `${active ? 'attachment; ' : ''}filename="${bytes}"`,
    'X-Content-Type-Options': 'nosniff',
  };
}

function isKnown({ headers }: IncomingMessage, tag: string, mtime: Date): boolean {
  const none = headers['if-none-match'];
  if (none !== undefined) return none.split(',').some((one) => one.trim() === tag || one.trim() === '*');
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(mtime.getTime() / 1000) * 1000 <= since;
}

function partOf(range: string | undefined, size: number): Part | 'outside' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  return start > end ? 'outside' : { start, end };
}
