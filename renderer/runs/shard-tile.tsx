import { CircleAlert, CircleCheck, CircleSlash, Hourglass, type LucideIcon } from 'lucide-react';
import { memo } from 'react';
import type { Artifact, Shard, ShardStatus } from '../../shared/runs.ts';
import { classNames } from '../components/class-names.ts';
import { thumbnailPath } from '../gallery/artifact-words.ts';
import { FileFace } from '../gallery/file-face.tsx';
import { useDecoded } from '../gallery/use-decoded.ts';
import { useClient } from '../store/services.ts';
import type { Tile } from './run-slots.ts';
import { SHARD_WORDS } from './run-words.ts';

export interface ShardTileProps {
  readonly tile: Tile;
  /** Why the run's next shard waits; told where this one waits. */
  readonly waits: string | null;
  readonly onOpen: (artifact: Artifact) => void;
}

/** One shard in its fixed place: what waits there, its live preview, then its picture. */
export const ShardTile = memo(ShardTileView, (before, after) => {
  const same = before.tile.shard === after.tile.shard && before.tile.artifact === after.tile.artifact;
  return same && before.tile.further === after.tile.further && before.waits === after.waits;
});

function ShardTileView({ tile, waits, onOpen }: ShardTileProps) {
  const { shard, further } = tile;
  const artifact = useShown(tile.artifact);
  const title = shard.stage === 2 ? 'Second pass' : `Shard ${shard.index}`;
  return (
    <li className={classNames('tile', `tile-${shard.status}`)}>
      {artifact === null ? (
        <span className="tile-face" title={waits ?? undefined}>
          <TileState shard={shard} />
        </span>
      ) : (
        <button
          type="button"
          className="tile-face"
          aria-label={`Open ${artifact.name} of ${title.toLowerCase()}`}
          onClick={() => onOpen(artifact)}
        >
          <FileFace artifact={artifact} />
          {further > 0 && <span className="tile-badge">+{further}</span>}
        </button>
      )}
      <span className="tile-words">
        <span className="truncate">{title}</span>
        <span className="truncate" title={shard.seed ?? undefined}>
          {stepWords(tile)}
        </span>
      </span>
      <StepBar shard={shard} />
    </li>
  );
}

/** The live preview stays until the picture can take its place. */
function useShown(artifact: Artifact | null): Artifact | null {
  const client = useClient();
  const url = artifact?.kind === 'image' ? client.fileUrl(thumbnailPath(artifact)) : null;
  const shown = useDecoded(url);
  return url === null || shown === url ? artifact : null;
}

const STATE_ICONS: Partial<Record<ShardStatus, LucideIcon>> = {
  done: CircleCheck,
  failed: CircleAlert,
  cancelled: CircleSlash,
};

function TileState({ shard }: { readonly shard: Shard }) {
  const client = useClient();
  const working = shard.status === 'running' || shard.status === 'fetching';
  if (working && shard.preview > 0 && shard.instanceId !== null) {
    const path = `/files/previews/${encodeURIComponent(shard.instanceId)}?n=${shard.preview}`;
    return (
      <>
        <img src={client.fileUrl(path)} alt={`Live preview of shard ${shard.index}`} />
        <span className="tile-badge">Live</span>
      </>
    );
  }
  const Icon = STATE_ICONS[shard.status] ?? Hourglass;
  return (
    <span className="tile-state">
      <Icon size={18} strokeWidth={1.6} aria-hidden="true" />
      {SHARD_WORDS[shard.status].word}
    </span>
  );
}

function stepWords({ shard, artifact }: Tile): string {
  if (shard.status === 'running' && shard.step !== null && shard.steps !== null) {
    return `${shard.step} of ${shard.steps}`;
  }
  // While it is only dispatched, what it loads is being sent.
  if ((shard.status === 'running' || shard.status === 'dispatched') && shard.node !== null) return shard.node;
  if (shard.status === 'done' && artifact?.seconds) return `${artifact.seconds.toFixed(1)} s`;
  return SHARD_WORDS[shard.status].word;
}

/** Always there, so that nothing moves when a shard begins. */
function StepBar({ shard }: { readonly shard: Shard }) {
  const share =
    shard.status === 'running' && shard.step !== null && shard.steps ? shard.step / shard.steps : 0;
  return (
    <span className="tile-bar" aria-hidden="true">
      <span style={{ width: `${Math.min(1, share) * 100}%` }} />
    </span>
  );
}
