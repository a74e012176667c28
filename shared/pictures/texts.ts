/** The texts of a picture that ComfyUI writes, and what decoding them takes. */

export const KEYS = ['workflow', 'prompt'] as const;
export type Key = (typeof KEYS)[number];
export type Texts = Map<Key, string>;

/** Bytes of one text, decompressed: larger workflows are not taken from JSON files either. */
export const MOST_TEXT = 32 * 1024 * 1024;

/** What Node and browsers each have in their own way. */
export interface TextTools {
  /** zlib. @returns null for damaged data, or when it becomes more than `most` bytes */
  inflate(bytes: Uint8Array, most: number): Promise<Uint8Array | null>;
  /** @returns null for what is not UTF-8 */
  utf8(bytes: Uint8Array): string | null;
}

export function keyOf(name: string): Key | null {
  return KEYS.find((key) => key === name) ?? null;
}
