import { ArrowUp, Columns2, Images, Play } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Spinner } from '../components/spinner.tsx';
import { useServices, useUi } from '../store/services.ts';
import { Compare } from './compare.tsx';
import { GalleryFilters } from './gallery-filters.tsx';
import { GalleryGrid, type GridHandle } from './gallery-grid.tsx';
import './gallery.css';
import { isFiltered } from './gallery-pages.ts';
import { togglePick } from './pick.ts';
import { useGallery } from './use-gallery.ts';
import { Viewer } from './viewer.tsx';

/** Every file that came home, newest first. */
export function GalleryView() {
  const filter = useUi((state) => state.galleryFilter);
  const grid = useRef<GridHandle>(null);
  const gallery = useGallery(filter, () => grid.current?.isLookedAt() ?? false);
  const [viewed, setViewed] = useState<string | null>(null);
  const [picked, setPicked] = useState<readonly Artifact[]>([]);
  const [comparing, setComparing] = useState(false);
  const { artifacts, fresh, loaded } = gallery.pages;
  const [left, right] = picked;
  const showFresh = () => {
    grid.current?.scrollToTop();
    gallery.showFresh();
  };
  return (
    <div className="gallery">
      <h1 className="visually-hidden">Gallery</h1>
      <GalleryFilters filter={filter} />
      {gallery.problem !== null && (
        <Banner tone="error" title={gallery.problem.message} text={gallery.problem.hint ?? undefined} />
      )}
      {picked.length > 0 && (
        <PickBar count={picked.length} onCompare={() => setComparing(true)} onClear={() => setPicked([])} />
      )}
      <div className="gallery-body">
        {artifacts.length > 0 ? (
          <GalleryGrid
            ref={grid}
            artifacts={artifacts}
            picked={picked}
            onPick={(artifact) => setPicked((before) => togglePick(before, artifact))}
            onOpen={(artifact) => setViewed(artifact.id)}
            onEnd={gallery.loadMore}
            onRest={gallery.showFresh}
          />
        ) : (
          gallery.problem === null && <NothingToShow loaded={loaded} filtered={isFiltered(filter)} />
        )}
        {fresh.length > 0 && (
          <Button className="gallery-fresh" variant="primary" icon={ArrowUp} onClick={showFresh}>
            {fresh.length.toLocaleString('en')} new
          </Button>
        )}
      </div>
      {viewed !== null && (
        <Viewer artifacts={artifacts} id={viewed} onMove={setViewed} onClose={() => setViewed(null)} />
      )}
      {comparing && left !== undefined && right !== undefined && (
        <Compare left={left} right={right} onClose={() => setComparing(false)} />
      )}
    </div>
  );
}

interface PickBarProps {
  readonly count: number;
  readonly onCompare: () => void;
  readonly onClear: () => void;
}

function PickBar({ count, onCompare, onClear }: PickBarProps) {
  return (
    <div className="pick-bar" role="status">
      <span>{count === 1 ? 'One picked: pick a second one to compare.' : 'Two picked.'}</span>
      <Button size="s" variant="primary" icon={Columns2} disabled={count < 2} onClick={onCompare}>
        Compare
      </Button>
      <Button size="s" variant="ghost" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}

function NothingToShow({ loaded, filtered }: { readonly loaded: boolean; readonly filtered: boolean }) {
  const { ui } = useServices();
  if (!loaded) {
    return (
      <p className="runs-waiting" role="status">
        <Spinner /> Reading the gallery…
      </p>
    );
  }
  if (filtered) {
    return (
      <EmptyState
        icon={Images}
        title="Nothing matches"
        text="No file that came home fits all of these filters."
        action={<Button onClick={() => ui.getState().showGallery({})}>Clear filters</Button>}
      />
    );
  }
  return (
    <EmptyState
      icon={Images}
      title="No pictures yet"
      text="Whatever your runs make comes home to the master and appears here, newest first."
      action={
        <Button
          variant="primary"
          icon={Play}
          onClick={() => ui.getState().openDialog({ kind: 'run', source: null })}
        >
          Run workflow…
        </Button>
      }
    />
  );
}
