/** What the first bytes of a picture say. Written for hostile bytes: never reads beyond them, never loops on them. */

export interface Picture {
  readonly format: 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp' | 'tiff' | 'avif';
  /** Pixels; null when the header does not say it in these bytes. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** A JPEG's size comes after its EXIF, thumbnails and colour profiles. */
export const MOST_HEAD_BYTES = 512 * 1024;
/** Enough for all other formats. */
export const SHORT_HEAD_BYTES = 64;

/** @param head the first bytes of a file; @returns null for what is no picture that we know */
export function pictureOf(head: Uint8Array): Picture | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) {
    return { format: 'png', size: pngSize(view) };
  }
  if (isJpeg(head)) return { format: 'jpeg', size: jpegSize(view) };
  const magic = ascii(head, 0, 6);
  if (magic === 'GIF87a' || magic === 'GIF89a') {
    return { format: 'gif', size: view.byteLength < 10 ? null : sized(u16(view, 6), u16(view, 8)) };
  }
  if (ascii(head, 0, 4) === 'RIFF' && ascii(head, 8, 4) === 'WEBP') {
    return { format: 'webp', size: webpSize(head, view) };
  }
  if (ascii(head, 0, 2) === 'BM') return { format: 'bmp', size: bmpSize(view) };
  if (startsWith(head, [0x49, 0x49, 0x2a, 0]) || startsWith(head, [0x4d, 0x4d, 0, 0x2a])) {
    return { format: 'tiff', size: null };
  }
  if (ascii(head, 4, 4) === 'ftyp' && /^avi[fs]$/.test(ascii(head, 8, 4))) {
    return { format: 'avif', size: null };
  }
  return null;
}

export function isJpeg(head: Uint8Array): boolean {
  return startsWith(head, [0xff, 0xd8, 0xff]);
}

function pngSize(view: DataView): Picture['size'] {
  if (view.byteLength < 24 || view.getUint32(12) !== 0x49484452) return null;
  return sized(view.getUint32(16), view.getUint32(20));
}

/** Goes from marker to marker up to the start of frame; each step moves on by at least two bytes. */
function jpegSize(view: DataView): Picture['size'] {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (isStartOfFrame(marker)) return sized(view.getUint16(at + 7), view.getUint16(at + 5));
    // Start of scan or end of image: there was no frame.
    if (marker === 0xda || marker === 0xd9) return null;
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += 2 + (standsAlone ? 0 : Math.max(2, view.getUint16(at + 2)));
  }
  return null;
}

function isStartOfFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

function webpSize(head: Uint8Array, view: DataView): Picture['size'] {
  if (head.length < 30) return null;
  const chunk = ascii(head, 12, 4);
  if (chunk === 'VP8X') return sized(u24(view, 24) + 1, u24(view, 27) + 1);
  if (chunk === 'VP8L' && head[20] === 0x2f) {
    const bits = view.getUint32(21, true);
    return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
  }
  if (chunk === 'VP8 ' && head[23] === 0x9d && head[24] === 0x01 && head[25] === 0x2a) {
    return sized(u16(view, 26) & 0x3fff, u16(view, 28) & 0x3fff);
  }
  return null;
}

/** The height of a picture that is stored from the top is negative. */
function bmpSize(view: DataView): Picture['size'] {
  if (view.byteLength < 26 || view.getUint32(14, true) < 40) return null;
  return sized(view.getInt32(18, true), Math.abs(view.getInt32(22, true)));
}

function sized(width: number, height: number): Picture['size'] {
  return width > 0 && height > 0 && width < 2 ** 31 && height < 2 ** 31 ? { width, height } : null;
}

function u16(view: DataView, at: number): number {
  return view.getUint16(at, true);
}

function u24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return head.length >= bytes.length && bytes.every((byte, at) => head[at] === byte);
}

function ascii(head: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...head.subarray(at, at + length));
}
