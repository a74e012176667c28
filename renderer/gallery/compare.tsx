import { type RefObject, useEffect, useRef, useState } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { Dialog } from '../components/dialog.tsx';
import { baseName } from './artifact-words.ts';
import './viewer.css';
import { ZoomChoice } from './zoom-choice.tsx';
import { type Zoom, ZoomStage } from './zoom-stage.tsx';

export interface CompareProps {
  readonly left: Artifact;
  readonly right: Artifact;
  readonly onClose: () => void;
}

/** Two files side by side: one zoom for both, and where one is scrolled to, the other follows. */
export function Compare({ left, right, onClose }: CompareProps) {
  const [zoom, setZoom] = useState<Zoom>('fit');
  const first = useRef<HTMLElement>(null);
  const second = useRef<HTMLElement>(null);
  useZoomKey(() => setZoom(zoom === 'fit' ? 1 : 'fit'));
  return (
    <Dialog className="viewer" size="l" title="Compare" onClose={onClose}>
      <div className="compare">
        <div className="compare-bar">
          <ZoomChoice zoom={zoom} onZoom={setZoom} />
        </div>
        <div className="compare-stages">
          <Side artifact={left} zoom={zoom} onZoom={setZoom} stage={first} other={second} />
          <Side artifact={right} zoom={zoom} onZoom={setZoom} stage={second} other={first} />
        </div>
      </div>
    </Dialog>
  );
}

interface SideProps {
  readonly artifact: Artifact;
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
  readonly stage: RefObject<HTMLElement | null>;
  readonly other: RefObject<HTMLElement | null>;
}

function Side({ artifact, zoom, onZoom, stage, other }: SideProps) {
  return (
    <figure className="compare-side">
      <ZoomStage
        ref={stage}
        artifact={artifact}
        zoom={zoom}
        onZoom={onZoom}
        onScroll={() => follow(stage.current, other.current)}
      />
      <figcaption>
        <span className="truncate">
          {artifact.seed === null ? baseName(artifact) : `Seed ${artifact.seed}`}
        </span>
        <span className="truncate">
          {artifact.runName} · {artifact.instanceName}
        </span>
      </figcaption>
    </figure>
  );
}

/** By shares of what can be scrolled, so that pictures of two sizes show the same part. */
function follow(from: HTMLElement | null, to: HTMLElement | null): void {
  if (from === null || to === null) return;
  const left = scrolled(
    from.scrollLeft,
    from.scrollWidth - from.clientWidth,
    to.scrollWidth - to.clientWidth,
  );
  const top = scrolled(
    from.scrollTop,
    from.scrollHeight - from.clientHeight,
    to.scrollHeight - to.clientHeight,
  );
  // Less than a pixel is the echo of our own move.
  if (Math.abs(to.scrollLeft - left) >= 1) to.scrollLeft = left;
  if (Math.abs(to.scrollTop - top) >= 1) to.scrollTop = top;
}

function scrolled(at: number, range: number, otherRange: number): number {
  return range <= 0 ? 0 : (at / range) * otherRange;
}

function useZoomKey(toggle: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== 'z') return;
      event.preventDefault();
      toggle();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}
