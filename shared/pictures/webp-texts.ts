import { type ByteSource, latin1, viewOf } from './byte-source.ts';
import { KEYS, type Key, keyOf, MOST_TEXT, type Texts, type TextTools } from './texts.ts';

/** An animation has one per frame. */
const MOST_CHUNKS = 20_000;
const MOST_ENTRIES = 1_000;
const ASCII = 2;
/** The longest name and its colon. */
const NAME_BYTES = 9;

/** The texts that ComfyUI writes into the EXIF of a WebP, as "name:text". Written for hostile bytes. */
export async function webpTexts(source: ByteSource, tools: TextTools): Promise<Texts> {
  let at = 12;
  for (let count = 0; count < MOST_CHUNKS && at + 8 <= source.size; count += 1) {
    const head = await source.read(at, 8);
    if (head.length < 8) break;
    const length = viewOf(head).getUint32(4, true);
    if (latin1(head.subarray(0, 4)) === 'EXIF') {
      return length > 2 * MOST_TEXT ? new Map() : exifTexts(await source.read(at + 8, length), tools);
    }
    at += 8 + length + (length % 2);
  }
  return new Map();
}

/** Of the first directory alone: that is where they are. */
function exifTexts(chunk: Uint8Array, tools: TextTools): Texts {
  const texts: Texts = new Map();
  // Some programs put the marker of a JPEG's EXIF before it.
  const exif = latin1(chunk.subarray(0, 6)) === 'Exif\0\0' ? chunk.subarray(6) : chunk;
  const view = viewOf(exif);
  const order = latin1(exif.subarray(0, 2));
  if (exif.length < 8 || (order !== 'II' && order !== 'MM')) return texts;
  const little = order === 'II';
  const directory = view.getUint32(4, little);
  if (view.getUint16(2, little) !== 42 || directory + 2 > exif.length) return texts;
  const count = Math.min(view.getUint16(directory, little), MOST_ENTRIES);
  for (let index = 0; index < count && texts.size < KEYS.length; index += 1) {
    const at = directory + 2 + index * 12;
    if (at + 12 > exif.length) break;
    const bytes = asciiAt(view, at, little, exif);
    const key = bytes === null ? null : nameOf(bytes);
    // Overlapping entries must not be decoded over and over: one text per name.
    if (bytes === null || key === null || texts.has(key)) continue;
    const value = trimmed(bytes.subarray(key.length + 1));
    texts.set(key, tools.utf8(value) ?? latin1(value));
  }
  return texts;
}

function asciiAt(view: DataView, at: number, little: boolean, exif: Uint8Array): Uint8Array | null {
  const length = view.getUint32(at + 4, little);
  if (view.getUint16(at + 2, little) !== ASCII || length > MOST_TEXT) return null;
  const start = length <= 4 ? at + 8 : view.getUint32(at + 8, little);
  return start + length > exif.length ? null : exif.subarray(start, start + length);
}

function nameOf(bytes: Uint8Array): Key | null {
  const start = latin1(bytes.subarray(0, NAME_BYTES));
  const colon = start.indexOf(':');
  return colon < 0 ? null : keyOf(start.slice(0, colon));
}

function trimmed(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}
