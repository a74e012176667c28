/** What EXIF data says of how a picture is to be held. Written for hostile bytes: never reads beyond them. */

const ORIENTATION = 0x0112;
/** Orientations 5 to 8: width and height change places. */
const FIRST_TURNED = 5;
const LAST_TURNED = 8;
const ENTRY_BYTES = 12;
const HEADERS = [
  ['Exif\0\0', 6],
  ['eXIf', 4],
] as const;

/** @param head the first bytes of a JPEG or PNG */
export function isTurned(head: Uint8Array): boolean {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  for (const [header, length] of HEADERS) {
    const at = bytes.indexOf(header, 0, 'latin1');
    if (at < 0) continue;
    const orientation = orientationOf(bytes.subarray(at + length));
    return orientation !== null && orientation >= FIRST_TURNED && orientation <= LAST_TURNED;
  }
  return false;
}

/** @param tiff from its byte order mark on */
function orientationOf(tiff: Buffer): number | null {
  const order = tiff.toString('latin1', 0, 2);
  if ((order !== 'II' && order !== 'MM') || tiff.length < 8) return null;
  const little = order === 'II';
  const u16 = (at: number): number => (little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return null;
  const count = u16(directory);
  for (let entry = 0; entry < count; entry += 1) {
    const at = directory + 2 + entry * ENTRY_BYTES;
    if (at + ENTRY_BYTES > tiff.length) return null;
    if (u16(at) === ORIENTATION) return u16(at + 8);
  }
  return null;
}
