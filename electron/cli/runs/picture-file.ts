import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { ByteSource } from '../../../shared/pictures/byte-source.ts';
import { embeddedWorkflow, HEAD_BYTES, pictureKind } from '../../../shared/pictures/embedded-workflow.ts';
import type { TextTools } from '../../../shared/pictures/texts.ts';

const inflate = promisify(zlib.inflate);

export interface PictureText {
  /** The workflow in it; null when it has none. */
  readonly text: string | null;
}

/** @returns null for what is no picture. @throws the system's error */
export async function readPictureFile(file: string, size: number): Promise<PictureText | null> {
  const handle = await open(file, 'r');
  try {
    const read = async (at: number, length: number): Promise<Uint8Array> => {
      // A chunk may claim more than the file has.
      const bytes = new Uint8Array(Math.max(0, Math.min(length, size - at)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, at);
      return bytes.subarray(0, bytesRead);
    };
    return await readPicture({ size, read });
  } finally {
    await handle.close();
  }
}

/** @returns null for what is no picture */
export async function readPicture(source: ByteSource): Promise<PictureText | null> {
  if (pictureKind(await source.read(0, HEAD_BYTES)) === null) return null;
  return { text: await embeddedWorkflow(source, NODE_TOOLS) };
}

const NODE_TOOLS: TextTools = {
  inflate: (bytes, most) => inflate(bytes, { maxOutputLength: most }).catch(() => null),
  utf8: (bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return null;
    }
  },
};
