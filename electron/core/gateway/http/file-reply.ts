import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { typeOf } from '../../runs/artifacts/kinds.ts';
import { extensionOf } from '../../runs/artifacts/names.ts';

/** Files as ComfyUI's /view gives them out: whole, in part, or only their head. */

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
  // Somebody who goes in the middle is no failure.
  else await pipeline(createReadStream(file, { start, end }), response).catch(() => {});
  return true;
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
