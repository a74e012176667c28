import { type ByteSource, latin1 } from './byte-source.ts';
import { pngTexts } from './png-texts.ts';
import type { Texts, TextTools } from './texts.ts';
import { webpTexts } from './webp-texts.ts';

/**
 * The workflow that ComfyUI has put into a picture: the page's own where it is there, as the page opens it, else the prompt
 * that ran.
 * @returns its JSON text; null when the picture has none
 */
export async function embeddedWorkflow(source: ByteSource, tools: TextTools): Promise<string | null> {
  const kind = pictureKind(await source.read(0, HEAD_BYTES));
  if (kind === 'png') return chosen(await pngTexts(source, tools));
  return kind === 'webp' ? chosen(await webpTexts(source, tools)) : null;
}

/** Enough for every signature. */
export const HEAD_BYTES = 12;

/** @param head the first bytes; @returns null for what is no picture that people have */
export function pictureKind(head: Uint8Array): 'png' | 'webp' | 'other' | null {
  const start = latin1(head.subarray(0, HEAD_BYTES));
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'webp';
  return /^(\xff\xd8\xff|GIF8|BM.{4}\0\0|.{4}ftypavi)/s.test(start) ? 'other' : null;
}

/** One sentence for a picture that has none. */
export function noWorkflowIn(name: string): string {
  return `${name} is a picture without a workflow: only PNG and WebP files as ComfyUI saved them have one in them.`;
}

function chosen(texts: Texts): string | null {
  for (const key of ['workflow', 'prompt'] as const) {
    const text = texts.get(key);
    if (text !== undefined && isFilledObject(text)) return text;
  }
  return null;
}

/** Python also writes NaN, and pages write null where there was none. */
function isFilledObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    );
  } catch {
    return false;
  }
}
