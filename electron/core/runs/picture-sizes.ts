import { open } from 'node:fs/promises';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import { TILED_UPSCALE } from '../graph/distributed-nodes.ts';
import type { CompileRequest } from '../graph/plan.ts';
import type { InputLibrary } from '../media/input-library.ts';
import { inputsOf } from '../media/inputs-of.ts';
import { isTurned } from './artifacts/exif.ts';
import { MOST_HEAD_BYTES, pictureOf } from './artifacts/picture.ts';

/**
 * How large the pictures are that a workflow loads, as ComfyUI's LoadImage will hand them on; read only where tiles are to be
 * cut of them. What is missing, no picture, or does not say it, is left out.
 */
export async function pictureSizes(
  prompt: ApiPrompt,
  catalog: NodeCatalog | null,
  library: Pick<InputLibrary, 'find'>,
): Promise<CompileRequest['pictures']> {
  if (!Object.values(prompt).some(({ class_type }) => class_type === TILED_UPSCALE)) return {};
  const sizes = await Promise.all(
    inputsOf(prompt, catalog ?? undefined).map(async (input) => {
      const file = await library.find(input).catch(() => null);
      const size = file === null ? null : await sizeOf(file.path).catch(() => null);
      return size === null ? [] : [[input.nodeId, size] as const];
    }),
  );
  return Object.fromEntries(sizes.flat());
}

async function sizeOf(path: string): Promise<CompileRequest['pictures'][string] | null> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_HEAD_BYTES), 0, MOST_HEAD_BYTES, 0);
    const head = buffer.subarray(0, bytesRead);
    const size = pictureOf(head)?.size ?? null;
    if (size === null || !isTurned(head)) return size;
    return { width: size.height, height: size.width };
  } finally {
    await file.close();
  }
}
