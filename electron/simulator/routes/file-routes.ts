import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isRecord } from '../graph/values.ts';
import { empty, json, type Routes, type SimulatedReply, type SimulatedRequest } from '../http/exchange.ts';
import { type FormPart, parseMultipart } from '../http/multipart.ts';
import { folderOf, pick, splitAnnotation } from '../nodes/files.ts';
import type { ServerOptions } from '../options.ts';
import { encodePng } from '../png.ts';
import { decodePng } from '../png-decode.ts';
import type { ServerCore } from '../server-core.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.mp4': 'video/mp4',
  '.txt': 'text/plain',
  '.json': 'application/json',
  '.wav': 'audio/x-wav',
  '.flac': 'audio/flac',
};

/** /view and the uploads. */
export function fileRoutes(core: ServerCore): Routes {
  return {
    'GET /view': (request) => view(core.options, request),
    'POST /upload/image': async (request) => upload(core.options, await formOf(request), null),
    'POST /upload/mask': async (request) => {
      const form = await formOf(request);
      return upload(core.options, form, await maskedOriginal(core.options, form));
    },
  };
}

async function formOf(request: SimulatedRequest): Promise<ReadonlyMap<string, FormPart>> {
  return parseMultipart(await request.body(), request.headers['content-type']);
}

function fieldOf(form: ReadonlyMap<string, FormPart>, name: string): string | undefined {
  return form.get(name)?.content.toString('utf8');
}

/** The path that a filename, type and subfolder name, or the status that refuses them. */
function locate(
  options: ServerOptions,
  filename: string,
  type: string,
  subfolder: string,
): string | 400 | 403 {
  const { name, type: annotated } = splitAnnotation(filename);
  if (name === '' || name.startsWith('/') || name.includes('..')) return 400;
  const root = folderOf(options, annotated ?? type);
  if (root === null) return 400;
  const folder = path.resolve(root, subfolder);
  if (folder !== root && !folder.startsWith(root + path.sep)) return 403;
  return path.join(folder, path.basename(name));
}

async function view(options: ServerOptions, request: SimulatedRequest): Promise<SimulatedReply> {
  const { query } = request;
  const filename = query.get('filename');
  if (filename === null) return empty(404);
  const file = locate(options, filename, query.get('type') ?? 'output', query.get('subfolder') ?? '');
  if (typeof file === 'number') return empty(file);
  if (!existsSync(file) || !statSync(file).isFile()) return empty(404);
  // Headers carry bytes: a name outside Latin-1 goes out as its UTF-8, as aiohttp sends it.
  const name = Buffer.from(path.basename(file).replaceAll('"', '\\"'), 'utf8').toString('latin1');
  const disposition = { 'Content-Disposition': `filename="${name}"` };
  const channel = query.get('channel');
  if (channel === 'rgb' || channel === 'a') {
    const body = await channelOf(readFileSync(file), channel);
    return { status: 200, headers: { 'Content-Type': 'image/png', ...disposition }, body };
  }
  // No JPEG or WebP encoder here: a preview is the file itself, under its own type.
  return wholeOrRange(file, request, disposition);
}

async function channelOf(bytes: Buffer, channel: 'rgb' | 'a'): Promise<Buffer> {
  const { width, height, frames } = decodePng(bytes);
  const rgba = frames[0] ?? new Uint8Array(width * height * 4);
  if (channel === 'rgb') return encodePng(width, height, 3, [pick(rgba, [0, 1, 2])]);
  const alpha = new Uint8Array(rgba.length);
  for (let at = 3; at < rgba.length; at += 4) alpha[at] = rgba[at] ?? 255;
  return encodePng(width, height, 4, [alpha]);
}

function wholeOrRange(
  file: string,
  request: SimulatedRequest,
  extra: Readonly<Record<string, string>>,
): SimulatedReply {
  const { size, mtime, mtimeMs } = statSync(file);
  const etag = `"${Math.round(mtimeMs * 1e6).toString(16)}-${size.toString(16)}"`;
  const type = TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
  const about = { 'Last-Modified': mtime.toUTCString(), ETag: etag, 'Accept-Ranges': 'bytes' };
  const headers = { ...about, 'Content-Type': type, ...extra };
  if (request.headers['if-none-match'] === etag)
    return { status: 304, headers: about, body: Buffer.alloc(0) };
  const body = readFileSync(file);
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (range === null) return { status: 200, headers, body };
  const [first, last] = [range[1] ?? '', range[2] ?? ''];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  if (start > end)
    return { status: 416, headers: { 'Content-Range': `bytes */${size}` }, body: Buffer.alloc(0) };
  return {
    status: 206,
    headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` },
    body: body.subarray(start, end + 1),
  };
}

function upload(
  options: ServerOptions,
  form: ReadonlyMap<string, FormPart>,
  replacement: Buffer | null,
): SimulatedReply {
  const image = form.get('image');
  const type = fieldOf(form, 'type') ?? 'input';
  const root = folderOf(options, type);
  const given = image?.filename ?? '';
  if (image === undefined || given === '' || root === null) return empty(400);
  const subfolder = fieldOf(form, 'subfolder') ?? '';
  const folder = path.join(root, path.normalize(subfolder === '' ? '.' : subfolder));
  const first = path.resolve(folder, given);
  if (first !== root && !first.startsWith(root + path.sep)) return empty(400);
  mkdirSync(folder, { recursive: true });
  const content = replacement ?? image.content;
  const overwrite = ['true', '1'].includes(fieldOf(form, 'overwrite') ?? '');
  const name = overwrite ? given : freeName(folder, given, content);
  writeFileSync(path.join(folder, name), content);
  return json({ name, subfolder, type });
}

/** 0.3.64 and 0.33.0: the same name and bytes are reused; other bytes get "name (1).ext". */
function freeName(folder: string, given: string, content: Buffer): string {
  const { name, ext } = path.parse(given);
  for (let index = 0; ; index += 1) {
    const candidate = index === 0 ? given : `${name} (${index})${ext}`;
    const file = path.join(folder, candidate);
    if (!existsSync(file) || readFileSync(file).equals(content)) return candidate;
  }
}

/** The original picture with the alpha of the uploaded one; null where there is no original. */
async function maskedOriginal(
  options: ServerOptions,
  form: ReadonlyMap<string, FormPart>,
): Promise<Buffer | null> {
  const reference: unknown = JSON.parse(fieldOf(form, 'original_ref') ?? 'null');
  const mask = form.get('image');
  if (!isRecord(reference) || mask === undefined) return null;
  const type = String(reference['type'] ?? 'output');
  const file = locate(options, String(reference['filename']), type, String(reference['subfolder'] ?? ''));
  if (typeof file === 'number' || !existsSync(file)) return null;
  const original = decodePng(readFileSync(file));
  const alpha = decodePng(mask.content).frames[0];
  const pixels = Uint8Array.from(original.frames[0] ?? []);
  for (let at = 3; at < pixels.length; at += 4) pixels[at] = alpha?.[at] ?? 255;
  return encodePng(original.width, original.height, 4, [pixels], { text: original.text });
}
