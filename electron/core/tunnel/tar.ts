import { gunzipSync } from 'node:zlib';

/** The only archives that cloudflared comes in hold one file. Pure. */

const BLOCK = 512;
const NAME = { from: 0, to: 100 } as const;
const SIZE = { from: 124, to: 136 } as const;
const TYPE = 156;
/** '0', or nothing in old archives. */
const REGULAR = [0x30, 0];

/**
 * @param most bytes that the archive may grow to
 * @returns the content of the file; null when the archive has none of that name
 * @throws what zlib says of something that is no such archive, or is larger
 */
export function fileInTarball(archive: Buffer, name: string, most: number): Buffer | null {
  const tar = gunzipSync(archive, { maxOutputLength: most });
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    const size = Number.parseInt(textIn(header, SIZE), 8);
    if (!Number.isInteger(size) || size < 0) return null;
    const isWanted = textIn(header, NAME).replace(/^\.\//, '') === name;
    const begin = at + BLOCK;
    if (isWanted && REGULAR.includes(header[TYPE] ?? -1)) return tar.subarray(begin, begin + size);
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return null;
}

function textIn(header: Buffer, { from, to }: { readonly from: number; readonly to: number }): string {
  return header.toString('latin1', from, to).replace(/\0.*$/s, '').trim();
}
