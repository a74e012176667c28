import {
  embeddedWorkflow,
  HEAD_BYTES,
  noWorkflowIn,
  pictureKind,
} from '../../shared/pictures/embedded-workflow.ts';
import type { TextTools } from '../../shared/pictures/texts.ts';

/** What a picked or dropped picture holds; null when the file is no picture. @throws the browser's error */
export async function readPicture(
  file: File,
): Promise<{ readonly text: string } | { readonly problem: string } | null> {
  const read = async (at: number, length: number): Promise<Uint8Array> =>
    new Uint8Array(await file.slice(at, at + length).arrayBuffer());
  if (pictureKind(await read(0, HEAD_BYTES)) === null) return null;
  const text = await embeddedWorkflow({ size: file.size, read }, BROWSER_TOOLS);
  return text === null ? { problem: noWorkflowIn(file.name) } : { text };
}

const BROWSER_TOOLS: TextTools = {
  inflate: async (bytes, most) => {
    try {
      return await inflated(bytes, most);
    } catch {
      return null;
    }
  },
  utf8: (bytes) => {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return null;
    }
  },
};

/** A small file can unpack to gigabytes: it is let go of at the limit. */
async function inflated(bytes: Uint8Array, most: number): Promise<Uint8Array | null> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const stream = new Blob([new Uint8Array(bytes)]).stream().pipeThrough(new DecompressionStream('deflate'));
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
