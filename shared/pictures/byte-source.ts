/** A file of which only parts are read: pictures are large, and what is said about them is small. */
export interface ByteSource {
  /** Bytes. */
  readonly size: number;
  /** @returns fewer bytes where it ends before */
  read(at: number, length: number): Promise<Uint8Array>;
}

export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Each byte as the character of its number: names of chunks, and text in Latin-1. */
export function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  // Engines take only so many arguments at once.
  for (let at = 0; at < bytes.length; at += 8_192)
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8_192)));
  return parts.join('');
}
