import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { toJson } from '../graph/exact-json.ts';
import { PythonError } from '../graph/python-text.ts';
import type { ImageBatch, MaskBatch } from '../graph/values.ts';
import type { ServerOptions } from '../options.ts';
import { encodePng } from '../png.ts';
import { decodePng } from '../png-decode.ts';
import type { NodeContext } from './definition.ts';

export type FolderType = 'input' | 'output' | 'temp';

export function folderOf(options: ServerOptions, type: string): string | null {
  return type === 'input' || type === 'output' || type === 'temp' ? options.directories[type] : null;
}

/** `name [output]` names another folder than the default one. */
export function splitAnnotation(name: string): { readonly name: string; readonly type: FolderType | null } {
  const match = /^(.*?)\s*\[(input|output|temp)\]$/.exec(name);
  if (match === null) return { name, type: null };
  return { name: match[1] ?? '', type: match[2] === 'input' || match[2] === 'output' ? match[2] : 'temp' };
}

export function inputPath(options: ServerOptions, annotated: string): string {
  const { name, type } = splitAnnotation(annotated);
  return path.join(options.directories[type ?? 'input'], name);
}

export function isInputFile(options: ServerOptions, annotated: unknown): boolean {
  return typeof annotated === 'string' && annotated !== '' && existsSync(inputPath(options, annotated));
}

export function listFiles(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

/** 0.3.64 and 0.33.0: an animated PNG is a whole batch; each MASK is 1 − alpha, or 64×64 zeros without alpha. */
export function loadImage(options: ServerOptions, annotated: string): readonly [ImageBatch, MaskBatch] {
  const file = inputPath(options, annotated);
  let decoded: ReturnType<typeof decodePng>;
  try {
    decoded = decodePng(readFileSync(file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PythonError('PIL.UnidentifiedImageError', `cannot identify image file '${file}' (${reason})`);
  }
  const { width, height } = decoded;
  const frames = decoded.frames.map((rgba) => pick(rgba, [0, 1, 2]));
  const masks = decoded.hasAlpha
    ? decoded.frames.map((rgba) => pick(rgba, [3]).map((alpha) => 255 - alpha))
    : decoded.frames.map(() => new Uint8Array(64 * 64));
  const size = decoded.hasAlpha ? { width, height } : { width: 64, height: 64 };
  return [
    { kind: 'IMAGE', width, height, frames },
    { kind: 'MASK', ...size, frames: masks },
  ];
}

export function pick(rgba: Uint8Array, channels: readonly number[]): Uint8Array {
  const result = new Uint8Array((rgba.length / 4) * channels.length);
  let to = 0;
  for (let from = 0; from < rgba.length; from += 4) {
    for (const channel of channels) result[to++] = rgba[from + channel] ?? 0;
  }
  return result;
}

interface SaveTarget {
  readonly folder: string;
  readonly subfolder: string;
  readonly name: string;
  readonly counter: number;
}

/** The counter is the directory's maximum + 1, read once per node. */
export function saveTarget(root: string, prefix: string, width: number, height: number): SaveTarget {
  const full = path.normalize(expandVariables(prefix, width, height));
  const subfolder = path.dirname(full) === '.' ? '' : path.dirname(full);
  const folder = path.join(root, subfolder);
  if (folder !== root && !folder.startsWith(root + path.sep)) {
    throw new PythonError(
      'Exception',
      `**** ERROR: Saving image outside the output folder is not allowed.\n full_output_folder: ${folder}`,
    );
  }
  mkdirSync(folder, { recursive: true });
  const name = path.basename(full);
  let highest = 0;
  for (const file of readdirSync(folder)) {
    if (!file.startsWith(`${name}_`)) continue;
    const digits = /^(\d+)/.exec(file.slice(name.length + 1))?.[1];
    if (digits !== undefined) highest = Math.max(highest, Number(digits));
  }
  return { folder, subfolder, name, counter: highest + 1 };
}

function expandVariables(prefix: string, width: number, height: number): string {
  const now = new Date();
  const two = (value: number): string => String(value).padStart(2, '0');
  return prefix
    .replaceAll('%width%', String(width))
    .replaceAll('%height%', String(height))
    .replaceAll('%year%', String(now.getFullYear()))
    .replaceAll('%month%', two(now.getMonth() + 1))
    .replaceAll('%day%', two(now.getDate()))
    .replaceAll('%hour%', two(now.getHours()))
    .replaceAll('%minute%', two(now.getMinutes()))
    .replaceAll('%second%', two(now.getSeconds()));
}

/** What savers write into their files: the prompt and what the page sent along, as JSON. */
export function metadataOf(context: NodeContext): Record<string, string> {
  if (!context.options.metadata) return {};
  const info = Object.entries(context.pngInfo).map(([key, value]) => [key, toJson(value)]);
  return { prompt: toJson(context.prompt), ...Object.fromEntries(info) };
}

export interface SavedFile {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: FolderType;
}

export async function saveImages(
  image: ImageBatch,
  prefix: string,
  type: FolderType,
  context: NodeContext,
): Promise<SavedFile[]> {
  const target = saveTarget(context.options.directories[type], prefix, image.width, image.height);
  const saved: SavedFile[] = [];
  for (const [index, frame] of image.frames.entries()) {
    const number = String(target.counter + index).padStart(5, '0');
    const filename = `${target.name.replaceAll('%batch_num%', String(index))}_${number}_.png`;
    const options = { text: metadataOf(context), level: type === 'temp' ? 1 : 4 };
    await writeFile(
      path.join(target.folder, filename),
      await encodePng(image.width, image.height, 3, [frame], options),
    );
    saved.push({ filename, subfolder: target.subfolder, type });
  }
  return saved;
}

export async function saveAnimated(
  image: ImageBatch,
  prefix: string,
  fps: number,
  context: NodeContext,
): Promise<SavedFile> {
  const target = saveTarget(context.options.directories.output, prefix, image.width, image.height);
  const filename = `${target.name}_${String(target.counter).padStart(5, '0')}_.png`;
  const bytes = await encodePng(image.width, image.height, 3, image.frames, {
    framesPerSecond: fps,
    text: metadataOf(context),
  });
  await writeFile(path.join(target.folder, filename), bytes);
  return { filename, subfolder: target.subfolder, type: 'output' };
}

/** Changes when the file does. */
export function fileFingerprint(options: ServerOptions, annotated: unknown): string {
  try {
    const file = statSync(inputPath(options, String(annotated)));
    return `${file.size}/${file.mtimeMs}`;
  } catch {
    return 'absent';
  }
}

/** As in the names of temporary files. */
export function randomLetters(): string {
  return Array.from({ length: 5 }, () => String.fromCharCode(97 + Math.floor(Math.random() * 26))).join('');
}
