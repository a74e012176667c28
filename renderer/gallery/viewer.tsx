import { ChevronLeft, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { Dialog } from '../components/dialog.tsx';
import { IconButton } from '../components/icon-button.tsx';
import { ArtifactPanel } from './artifact-panel.tsx';
import { baseName, neighbour } from './artifact-words.ts';
import './viewer.css';
import { ZoomChoice } from './zoom-choice.tsx';
import { type Zoom, ZoomStage } from './zoom-stage.tsx';

export interface ViewerProps {
  /** What the arrows lead through. */
  readonly artifacts: readonly Artifact[];
  readonly id: string;
  readonly onMove: (id: string) => void;
  readonly onClose: () => void;
}

/** One file, large, with everything that is known about it. ← → lead on, Z zooms, Esc closes. */
export function Viewer({ artifacts, id, onMove, onClose }: ViewerProps) {
  const [zoom, setZoom] = useState<Zoom>('fit');
  const at = artifacts.findIndex((artifact) => artifact.id === id);
  const artifact = artifacts[at];
  const move = (step: -1 | 1) => {
    const next = neighbour(artifacts, id, step);
    if (next !== null) onMove(next.id);
  };
  useViewerKeys(move, () => setZoom(zoom === 'fit' ? 1 : 'fit'));
  if (artifact === undefined) return null;
  return (
    <Dialog className="viewer" size="l" title={baseName(artifact)} onClose={onClose}>
      <div className="viewer-frame">
        <div className="viewer-main">
          <ZoomStage key={id} artifact={artifact} zoom={zoom} onZoom={setZoom} />
          <div className="viewer-bar">
            <IconButton
              label="Previous"
              shortcut="←"
              icon={ChevronLeft}
              disabled={at === 0}
              onClick={() => move(-1)}
            />
            <span className="viewer-place">
              {(at + 1).toLocaleString('en')} of {artifacts.length.toLocaleString('en')}
            </span>
            <IconButton
              label="Next"
              shortcut="→"
              icon={ChevronRight}
              disabled={at === artifacts.length - 1}
              onClick={() => move(1)}
            />
            <span className="viewer-space" />
            {artifact.kind === 'image' && <ZoomChoice zoom={zoom} onZoom={setZoom} />}
          </div>
        </div>
        <ArtifactPanel artifact={artifact} onLeave={onClose} />
      </div>
    </Dialog>
  );
}

/** Arrows lead on wherever the focus is, except where they have work of their own. */
function useViewerKeys(move: (step: -1 | 1) => void, toggleZoom: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || hasOwnUse(event)) return;
      if (event.key === 'ArrowLeft') move(-1);
      else if (event.key === 'ArrowRight') move(1);
      else if (event.key.toLowerCase() === 'z') toggleZoom();
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}

function hasOwnUse({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.matches('video, audio, input, select, textarea')) return true;
  return key.startsWith('Arrow') && target.closest('.stage-zoomed') !== null;
}
