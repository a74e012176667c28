import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { sendText } from './answers.ts';
import { CONTENT_SECURITY_POLICY } from './security-headers.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.woff2': 'font/woff2',
};

/** The builder puts a hash of the content into the names below this folder. */
const HASHED = '/assets/';

/**
 * Decodes once, then judges: no empty, hidden or parent segment, no backslash, no NUL, no second encoding.
 * @returns the decoded path, or null when it may not be looked up
 */
export function safePath(pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (!decoded.startsWith('/') || /[\0\\%:]/.test(decoded)) return null;
  const segments = decoded.slice(1).split('/');
  return segments.every((segment) => segment !== '' && !segment.startsWith('.')) ? decoded : null;
}

/** @returns the file below `root`, or null; a link that leads out of the root is not followed */
export async function findStatic(root: string, pathname: string): Promise<string | null> {
  const safe = safePath(pathname === '/' ? '/index.html' : pathname);
  if (safe === null) return null;
  try {
    const [realRoot, file] = await Promise.all([realpath(root), realpath(path.join(root, safe))]);
    const relative = path.relative(realRoot, file);
    const isInside = relative !== '' && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..';
    return isInside && (await stat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}

export function mimeType(file: string): string {
  return TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
}

export async function sendStatic(
  root: string,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const file = await findStatic(root, pathname);
  if (file === null) {
    sendText(response, 404, 'There is no such page.');
    return;
  }
  response.setHeader('content-type', mimeType(file));
  response.setHeader('content-security-policy', CONTENT_SECURITY_POLICY);
  if (pathname.startsWith(HASHED)) await sendImmutable(file, request, response);
  else await sendRevalidated(file, request, response);
}

async function sendImmutable(
  file: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { size } = await stat(file);
  response.setHeader('cache-control', 'private, max-age=31536000, immutable');
  response.writeHead(200, { 'content-length': String(size) });
  if (request.method === 'HEAD') response.end();
  else pipeline(createReadStream(file), response, () => undefined);
}

/** Small files under stable names (index.html): a browser asks each time whether they have changed. */
async function sendRevalidated(
  file: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await readFile(file);
  const tag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`;
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('etag', tag);
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  response.writeHead(200, { 'content-length': String(bytes.byteLength) });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
