import { type Ref, useState } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { classNames } from '../components/class-names.ts';
import { useClient } from '../store/services.ts';
import { baseName } from './artifact-words.ts';
import { dragOut, KIND_ICONS } from './file-face.tsx';

/** 'fit' shows all of it; a number is screen pixels per pixel of the picture. */
export type Zoom = 'fit' | 1 | 2;

export interface ZoomStageProps {
  readonly artifact: Artifact;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
  readonly ref?: Ref<HTMLElement>;
  readonly onScroll?: () => void;
}

/** A file as large as it goes: pictures zoom and scroll, video and audio play in place. */
export function ZoomStage({ artifact, zoom, onZoom, ref, onScroll }: ZoomStageProps) {
  return (
    <section
      ref={ref}
      className={classNames('stage', zoom !== 'fit' && 'stage-zoomed')}
      aria-label={baseName(artifact)}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={onScroll}
    >
      <Content artifact={artifact} zoom={zoom} onZoom={onZoom} />
    </section>
  );
}

function Content({ artifact, zoom, onZoom }: Omit<ZoomStageProps, 'ref' | 'onScroll'>) {
  const client = useClient();
  const url = client.fileUrl(artifact.url);
  const alt = artifact.seed === null ? artifact.name : `${artifact.name}, seed ${artifact.seed}`;
  if (artifact.kind === 'image') return <Picture {...{ artifact, zoom, onZoom, url, alt }} />;
  if (artifact.kind === 'video') {
    // biome-ignore lint/a11y/useMediaCaption: what a workflow makes has no captions.
    return <video src={url} controls loop aria-label={alt} />;
  }
  if (artifact.kind === 'audio') {
    // biome-ignore lint/a11y/useMediaCaption: as above
    return <audio src={url} controls aria-label={alt} />;
  }
  const Icon = KIND_ICONS[artifact.kind];
  return (
    <p className="stage-file">
      <Icon size={40} strokeWidth={1.2} aria-hidden="true" />
      {artifact.name}
    </p>
  );
}

interface PictureProps extends Omit<ZoomStageProps, 'ref' | 'onScroll'> {
  readonly url: string;
  readonly alt: string;
}

function Picture({ artifact, zoom, onZoom, url, alt }: PictureProps) {
  const [natural, setNatural] = useState(0);
  const width = artifact.width ?? natural;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Z and the switch in the bar do the same.
    <img
      key={url}
      src={url}
      alt={alt}
      draggable
      style={zoom === 'fit' || width === 0 ? undefined : { width: width * zoom }}
      onLoad={(event) => setNatural(event.currentTarget.naturalWidth)}
      onDragStart={(event) => dragOut(event, artifact, url)}
      onClick={() => onZoom(zoom === 'fit' ? 1 : 'fit')}
    />
  );
}
