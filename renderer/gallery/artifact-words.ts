import type { Artifact } from '../../shared/runs.ts';
import { formatBytes } from '../store/format.ts';

/** What a person reads about a file that came home. Pure. */

/** Of what stands for a picture where it is shown small; the control center makes it when it is asked for. */
export function thumbnailPath(artifact: Pick<Artifact, 'id'>): string {
  return `/files/thumbnails/${encodeURIComponent(artifact.id)}`;
}

/** Its name without folders. */
export function baseName(artifact: Pick<Artifact, 'name'>): string {
  return artifact.name.split('/').at(-1) ?? artifact.name;
}

/** "1024 × 1024 · 1.2 MB" */
export function sizeWords(artifact: Artifact): string {
  const bytes = formatBytes(artifact.bytes);
  const { width, height } = artifact;
  return width === null || height === null ? bytes : `${width} × ${height} · ${bytes}`;
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  mp4: 'video/mp4',
  webm: 'video/webm',
  mp3: 'audio/mpeg',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  json: 'application/json',
  txt: 'text/plain',
};

/** What Chromium wants to be told of a file that is dragged out of the page: "type:name:address". */
export function dragOutData(artifact: Artifact, url: string): string {
  const name = baseName(artifact);
  const type = TYPES[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';
  // A colon would end the name early.
  return `${type}:${name.replaceAll(':', '_')}:${url}`;
}

/** The neighbour that an arrow leads to; the same at both ends. */
export function neighbour(artifacts: readonly Artifact[], id: string, step: -1 | 1): Artifact | null {
  const at = artifacts.findIndex((artifact) => artifact.id === id);
  return at < 0 ? null : (artifacts[at + step] ?? null);
}
