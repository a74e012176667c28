import { Box, Clapperboard, FileIcon, FileText, Image, type LucideIcon, Music } from 'lucide-react';
import type { DragEvent } from 'react';
import type { Artifact, ArtifactKind } from '../../shared/runs.ts';
import { useClient } from '../store/services.ts';
import { baseName, dragOutData, thumbnailPath } from './artifact-words.ts';
import './viewer.css';

export const KIND_ICONS: Readonly<Record<ArtifactKind, LucideIcon>> = {
  image: Image,
  video: Clapperboard,
  audio: Music,
  latent: Box,
  model: Box,
  text: FileText,
  file: FileIcon,
};

export interface FileFaceProps {
  readonly artifact: Artifact;
  /** Without the name below the icon. */
  readonly bare?: boolean;
}

/** What stands for a file: the picture made small, or the icon of its kind with its name. */
export function FileFace({ artifact, bare = false }: FileFaceProps) {
  const client = useClient();
  const url = client.fileUrl(artifact.url);
  if (artifact.kind === 'image') {
    return (
      // biome-ignore lint/a11y/noStaticElementInteractions: dragging is an extra; Save does the same by keyboard.
      <img
        src={client.fileUrl(thumbnailPath(artifact))}
        alt=""
        loading="lazy"
        decoding="async"
        draggable
        onDragStart={(event) => dragOut(event, artifact, url)}
      />
    );
  }
  const Icon = KIND_ICONS[artifact.kind];
  return (
    <span className="file-icon">
      <Icon size={bare ? 16 : 24} strokeWidth={1.5} aria-hidden="true" />
      {!bare && <span className="file-icon-name">{baseName(artifact)}</span>}
    </span>
  );
}

/** Dropped outside of the page, it becomes a file of its own name. */
export function dragOut(event: DragEvent<HTMLElement>, artifact: Artifact, url: string): void {
  event.dataTransfer.effectAllowed = 'copy';
  event.dataTransfer.setData('DownloadURL', dragOutData(artifact, url));
  event.dataTransfer.setData('text/uri-list', url);
}
