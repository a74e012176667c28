/** Names for files that come home. Everything here is untrusted: prefixes are a workflow's, file names a worker's. */

/** A place below the output folder that is safe on every system. */
export interface SafeName {
  readonly folders: readonly string[];
  /** The file's name up to the counter. */
  readonly base: string;
}

/** What a prefix may ask for with %width% and the like. */
export interface PrefixFacts {
  readonly width: number | null;
  readonly height: number | null;
  /** ms since the epoch; shown in local time. */
  readonly at: number;
}

/** UTF-8 bytes: with the counter, an extension and our own additions a name stays below the 255 that file systems take. */
const MOST_BASE_BYTES = 160;
const MOST_FOLDER_BYTES = 100;
const MOST_FOLDERS = 8;
const DEFAULT_BASE = 'ComfyUI';
/** Windows keeps these for devices, with any extension and in any folder. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?=\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not get into a name
const FORBIDDEN = /[\u0000-\u001f\u007f-\u009f<>:"|?*/\\]|[\ud800-\udfff]/gu;
/** ComfyUI's counter at the end of a name. */
const COUNTER = /_\d{5,6}_?$/;
const EXTENSION = /\.([A-Za-z0-9]{1,12})$/;

/** Puts in what ComfyUI's SaveImage puts in; unknown sizes are 0 there as well. */
export function expandPrefix(prefix: string, { width, height, at }: PrefixFacts): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const values: Readonly<Record<string, string>> = {
    width: String(width ?? 0),
    height: String(height ?? 0),
    year: String(time.getFullYear()),
    month: two(time.getMonth() + 1),
    day: two(time.getDate()),
    hour: two(time.getHours()),
    minute: two(time.getMinutes()),
    second: two(time.getSeconds()),
  };
  return prefix.replace(
    /%(width|height|year|month|day|hour|minute|second)%/g,
    (whole, name: string) => values[name] ?? whole,
  );
}

/** An expanded prefix as folders and base; whatever would lead out of the output folder is gone. */
export function safeName(prefix: string): SafeName {
  const parts = prefix
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
    .split('/');
  const usable = parts.filter((part) => !/^[.\s]*$/.test(part));
  return {
    folders: usable
      .slice(0, -1)
      .slice(-MOST_FOLDERS)
      .map((part) => safePart(part, MOST_FOLDER_BYTES)),
    base: safePart(usable.at(-1) ?? DEFAULT_BASE, MOST_BASE_BYTES),
  };
}

/** The base that a worker gave a file by itself, without its counter. */
export function baseOf(sourceName: string): string {
  const name = sourceName.replaceAll('\\', '/').split('/').at(-1) ?? '';
  const stem = name.replace(EXTENSION, '');
  return stem.replace(COUNTER, '') || stem;
}

/** In lower case, without the dot; empty when there is none. */
export function extensionOf(sourceName: string): string {
  return (EXTENSION.exec(sourceName)?.[1] ?? '').toLowerCase();
}

/** ComfyUI's own form, so that its counter goes on where ours ends: base_00001_.png */
export function numberedName(base: string, counter: number, extension: string): string {
  const end = extension === '' ? '' : `.${extension}`;
  return `${base}_${String(counter).padStart(5, '0')}_${end}`;
}

/** The number that ComfyUI would find in a name of this base; 0 when it is none. */
export function counterIn(name: string, base: string): number {
  // Upper and lower case are one on Windows and macOS.
  if (name.slice(0, base.length).toLowerCase() !== base.toLowerCase() || name[base.length] !== '_') return 0;
  const digits = /^\d{1,15}(?=[_.]|$)/.exec(name.slice(base.length + 1))?.[0];
  return Number(digits ?? 0);
}

function safePart(part: string, mostBytes: number): string {
  const plain = part.replace(FORBIDDEN, '_').replace(/^[.\s]+/, '');
  const short = cutToBytes(plain, mostBytes).replace(/[.\s]+$/, '');
  const safe = short.replace(RESERVED, '_$1');
  return safe === '' ? DEFAULT_BASE : safe;
}

/** Never cuts through a character. */
function cutToBytes(text: string, most: number): string {
  const encoder = new TextEncoder();
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += encoder.encode(character).length;
    if (bytes > most) break;
    kept += character;
  }
  return kept;
}
