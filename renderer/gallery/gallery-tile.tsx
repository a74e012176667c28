import { memo } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { Checkbox } from '../components/checkbox.tsx';
import { classNames } from '../components/class-names.ts';
import { baseName } from './artifact-words.ts';
import { FileFace } from './file-face.tsx';

export interface GalleryTileProps {
  readonly artifact: Artifact;
  /** 1 for the first. */
  readonly place: number;
  readonly of: number;
  /** px from the corner of the grid, and the picture's edge. */
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly picked: boolean;
  readonly tabbable: boolean;
  readonly onPick: (artifact: Artifact) => void;
  readonly onOpen: (artifact: Artifact) => void;
  readonly onFocus: (id: string) => void;
}

export const GalleryTile = memo(function GalleryTile(props: GalleryTileProps) {
  const { artifact, size } = props;
  const name = baseName(artifact);
  const about = artifact.seed === null ? name : `Seed ${artifact.seed}`;
  return (
    <li
      className={classNames('gallery-tile', props.picked && 'gallery-tile-picked')}
      aria-setsize={props.of}
      aria-posinset={props.place}
      style={{ transform: `translate(${props.left}px, ${props.top}px)`, width: size }}
    >
      <button
        type="button"
        className="gallery-open"
        style={{ height: size }}
        aria-label={`Open ${name}, ${about}, made by ${artifact.instanceName}`}
        data-artifact={artifact.id}
        tabIndex={props.tabbable ? 0 : -1}
        onFocus={() => props.onFocus(artifact.id)}
        onClick={() => props.onOpen(artifact)}
        onKeyDown={(event) => {
          if (event.key.toLowerCase() === 'c' && !event.ctrlKey && !event.metaKey) props.onPick(artifact);
        }}
      >
        <FileFace artifact={artifact} />
        {artifact.preview && <span className="tile-badge">Preview</span>}
      </button>
      <span className="gallery-pick">
        <Checkbox
          bare
          label={`Pick ${name} to compare`}
          checked={props.picked}
          onChange={() => props.onPick(artifact)}
        />
      </span>
      <span className="gallery-caption">
        <span className="truncate" title={about}>
          {about}
        </span>
        <span className="truncate" title={artifact.runName}>
          {artifact.instanceName} · {artifact.runName}
        </span>
      </span>
    </li>
  );
});
