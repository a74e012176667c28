import type { ArtifactKind } from '../../../../shared/runs.ts';

interface FileType {
  readonly kind: ArtifactKind;
  readonly mime: string;
}

const UNKNOWN: FileType = { kind: 'file', mime: 'application/octet-stream' };

/** By extension, in lower case. HTML is left out on purpose: a worker's page must not run at our address. */
const TYPES: Readonly<Record<string, FileType>> = {
  png: { kind: 'image', mime: 'image/png' },
  jpg: { kind: 'image', mime: 'image/jpeg' },
  jpeg: { kind: 'image', mime: 'image/jpeg' },
  webp: { kind: 'image', mime: 'image/webp' },
  gif: { kind: 'image', mime: 'image/gif' },
  avif: { kind: 'image', mime: 'image/avif' },
  bmp: { kind: 'image', mime: 'image/bmp' },
  svg: { kind: 'image', mime: 'image/svg+xml' },
  tif: { kind: 'image', mime: 'image/tiff' },
  tiff: { kind: 'image', mime: 'image/tiff' },
  exr: { kind: 'image', mime: 'image/x-exr' },
  mp4: { kind: 'video', mime: 'video/mp4' },
  m4v: { kind: 'video', mime: 'video/mp4' },
  webm: { kind: 'video', mime: 'video/webm' },
  mkv: { kind: 'video', mime: 'video/x-matroska' },
  mov: { kind: 'video', mime: 'video/quicktime' },
  avi: { kind: 'video', mime: 'video/x-msvideo' },
  flac: { kind: 'audio', mime: 'audio/flac' },
  mp3: { kind: 'audio', mime: 'audio/mpeg' },
  opus: { kind: 'audio', mime: 'audio/ogg' },
  ogg: { kind: 'audio', mime: 'audio/ogg' },
  wav: { kind: 'audio', mime: 'audio/wav' },
  m4a: { kind: 'audio', mime: 'audio/mp4' },
  aac: { kind: 'audio', mime: 'audio/aac' },
  latent: { kind: 'latent', mime: 'application/octet-stream' },
  safetensors: { kind: 'model', mime: 'application/octet-stream' },
  ckpt: { kind: 'model', mime: 'application/octet-stream' },
  gguf: { kind: 'model', mime: 'application/octet-stream' },
  glb: { kind: 'model', mime: 'model/gltf-binary' },
  gltf: { kind: 'model', mime: 'model/gltf+json' },
  obj: { kind: 'model', mime: 'application/octet-stream' },
  fbx: { kind: 'model', mime: 'application/octet-stream' },
  ply: { kind: 'model', mime: 'application/octet-stream' },
  stl: { kind: 'model', mime: 'application/octet-stream' },
  usdz: { kind: 'model', mime: 'application/octet-stream' },
  txt: { kind: 'text', mime: 'text/plain; charset=utf-8' },
  md: { kind: 'text', mime: 'text/plain; charset=utf-8' },
  csv: { kind: 'text', mime: 'text/plain; charset=utf-8' },
  json: { kind: 'text', mime: 'application/json' },
  srt: { kind: 'text', mime: 'text/plain; charset=utf-8' },
};

/** @param extension without the dot, any case */
export function typeOf(extension: string): FileType {
  const known = extension.toLowerCase();
  return Object.hasOwn(TYPES, known) ? (TYPES[known] ?? UNKNOWN) : UNKNOWN;
}
