import type { PreviewFrame, TextFrame } from '../../comfy/frames.ts';

/** Binary frames as ComfyUI sends them; the counterpart of comfy/frames.ts. */

const PREVIEW = 1;
const TEXT = 3;
const PREVIEW_WITH_METADATA = 4;
const JPEG = 1;
const PNG = 2;

/** For clients that negotiated nothing. */
export function plainPreview({ mime, image }: PreviewFrame): Buffer {
  return Buffer.concat([numbers(PREVIEW, mime === 'image/png' ? PNG : JPEG), image]);
}

/** For clients that negotiated supports_preview_metadata. */
export function previewOf({ mime, image }: PreviewFrame, promptId: string, nodeId: string): Buffer {
  const metadata = {
    ...{ node_id: nodeId, prompt_id: promptId, display_node_id: nodeId, parent_node_id: null },
    ...{ real_node_id: nodeId, image_type: mime },
  };
  const json = Buffer.from(JSON.stringify(metadata));
  return Buffer.concat([numbers(PREVIEW_WITH_METADATA, json.length), json, image]);
}

export function textOf({ text }: TextFrame, nodeId: string): Buffer {
  const id = Buffer.from(nodeId);
  return Buffer.concat([numbers(TEXT, id.length), id, Buffer.from(text)]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
