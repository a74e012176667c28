/** Binary WebSocket frames of ComfyUI 0.3.64 and 0.33.0: a big-endian u32 event, then its payload. */

export interface PreviewFrame {
  readonly kind: 'preview';
  readonly mime: 'image/jpeg' | 'image/png';
  readonly image: Uint8Array;
  /** Known in frames of event 4 only, which a socket gets when it negotiated `supports_preview_metadata`. */
  readonly promptId: string | null;
  readonly nodeId: string | null;
}

/** The newest picture of what runs. */
export interface PreviewImage {
  readonly bytes: Uint8Array;
  readonly mime: string;
}

export interface TextFrame {
  readonly kind: 'text';
  readonly nodeId: string;
  readonly text: string;
}

export type ComfyFrame = PreviewFrame | TextFrame;

const PREVIEW = 1;
const TEXT = 3;
const PREVIEW_WITH_METADATA = 4;
const HEADER = 8;

/** @returns null for anything that is not a frame we know, garbage included */
export function parseFrame(bytes: Uint8Array): ComfyFrame | null {
  if (bytes.length < HEADER) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const argument = view.getUint32(4);
  const rest = bytes.subarray(HEADER);
  switch (view.getUint32(0)) {
    case PREVIEW:
      return plainPreview(argument, rest);
    case TEXT:
      return textFrame(argument, rest);
    case PREVIEW_WITH_METADATA:
      return previewWithMetadata(argument, rest);
    default:
      return null;
  }
}

function plainPreview(format: number, image: Uint8Array): PreviewFrame | null {
  if (image.length === 0 || (format !== 1 && format !== 2)) return null;
  const mime = format === 2 ? 'image/png' : 'image/jpeg';
  return { kind: 'preview', mime, image, promptId: null, nodeId: null };
}

function textFrame(idLength: number, rest: Uint8Array): TextFrame | null {
  if (idLength > rest.length) return null;
  return {
    kind: 'text',
    nodeId: decode(rest.subarray(0, idLength)),
    text: decode(rest.subarray(idLength)),
  };
}

function previewWithMetadata(jsonLength: number, rest: Uint8Array): PreviewFrame | null {
  if (jsonLength >= rest.length) return null;
  const metadata = parseObject(decode(rest.subarray(0, jsonLength)));
  if (metadata === null) return null;
  return {
    kind: 'preview',
    mime: metadata['image_type'] === 'image/png' ? 'image/png' : 'image/jpeg',
    image: rest.subarray(jsonLength),
    promptId: stringOrNull(metadata['prompt_id']),
    nodeId: stringOrNull(metadata['node_id']),
  };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
