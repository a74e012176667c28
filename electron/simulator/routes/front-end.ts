import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { type SimulatedReply, text } from '../http/exchange.ts';

/** The page of ComfyUI, where --front-end-root names one, served as a stock server serves it. */

const PLAIN_PAGE =
  '<!doctype html><title>ComfyUI</title><p>This is a simulated ComfyUI server: it has no page of its own.</p>';
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.gif': 'image/gif',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/vnd.microsoft.icon',
  '.jpg': 'image/jpeg',
  '.js': 'application/javascript',
  '.json': 'application/json',
  '.mjs': 'text/javascript',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};
const PICTURE = /\.(jpe?g|png|ppm|bmp|pgm|tiff?|webp)$/i;

/** @param root null = the simulator has no page to show */
export function indexPage(root: string | null): SimulatedReply {
  const page = root === null ? null : fileReply(path.join(root, 'index.html'), '/');
  if (page === null) return { ...text(PLAIN_PAGE), headers: { 'Content-Type': 'text/html; charset=utf-8' } };
  const headers = { 'Cache-Control': 'no-store, must-revalidate', Pragma: 'no-cache', Expires: '0' };
  return { ...page, headers: { ...page.headers, ...headers } };
}

/** @returns null for what is no file of the page */
export function staticReply(root: string | null, pathname: string): SimulatedReply | null {
  if (root === null) return null;
  const file = path.join(root, decoded(pathname));
  return file.startsWith(root + path.sep) ? fileReply(file, pathname) : null;
}

/** Scripts that the page is to load by themselves, as URLs. */
export function extensionScripts(root: string | null): readonly string[] {
  const folder = root === null ? null : path.join(root, 'extensions');
  if (folder === null || !existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .map((name) => `/extensions/${name.replaceAll('\\', '/')}`);
}

function fileReply(file: string, pathname: string): SimulatedReply | null {
  const info = statSync(file, { throwIfNoEntry: false });
  if (info === undefined || !info.isFile()) return null;
  const type = TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
  return {
    status: 200,
    headers: { 'Content-Type': type, 'Last-Modified': info.mtime.toUTCString(), ...caching(pathname) },
    body: readFileSync(file),
  };
}

/** 0.33.0 and 0.3.64 alike: what may have changed with an update is asked for each time. */
function caching(pathname: string): Readonly<Record<string, string>> {
  const name = pathname.split('/').at(-1) ?? '';
  if (/\.(js|css)$/.test(name) || /^index.*\.json$/.test(name)) return { 'Cache-Control': 'no-store' };
  return PICTURE.test(name) ? { 'Cache-Control': 'public, max-age=86400' } : {};
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
