import { useState } from 'react';
import type { RunSummary } from '../../shared/runs.ts';
import { isFinished } from '../../shared/runs.ts';
import { Viewer } from '../gallery/viewer.tsx';
import type { RunDetailSync } from '../store/run-detail-sync.ts';
import { useNow } from '../store/use-now.ts';
import { LaneChart } from './lane-chart.tsx';
import { RunCostNote } from './run-cost.tsx';
import { tilesOf } from './run-slots.ts';
import { RunTroubles } from './run-troubles.tsx';
import { plural } from './run-words.ts';
import { ShardTile } from './shard-tile.tsx';

/** More are in the table and in the gallery. */
const MOST_TILES = 48;

export interface RunOverviewProps {
  readonly run: RunSummary;
  readonly detail: RunDetailSync;
}

/** Pictures as they come, what went wrong, and who did what when. */
export function RunOverview({ run, detail }: RunOverviewProps) {
  const [viewed, setViewed] = useState<string | null>(null);
  const now = useNow(isFinished(run.status) ? null : 1000);
  const { shards, artifacts } = detail;
  const tiles = tilesOf(shards, artifacts, MOST_TILES);
  const hidden = shards.length - tiles.length;
  return (
    <div className="run-overview">
      <section aria-labelledby="run-pictures">
        <h3 id="run-pictures">Shards</h3>
        <ul className="tiles">
          {tiles.map((tile) => (
            <ShardTile
              key={`${tile.shard.stage}:${tile.shard.index}`}
              tile={tile}
              waits={tile.shard.status === 'queued' ? run.waits : null}
              onOpen={(artifact) => setViewed(artifact.id)}
            />
          ))}
        </ul>
        {hidden > 0 && <p className="run-note">{plural(hidden, 'more shard')} in the tab “Shards”.</p>}
      </section>
      <RunCostNote shards={shards} files={artifacts.length} running={!isFinished(run.status)} />
      <RunTroubles shards={shards} />
      <LaneChart shards={shards} now={now} />
      {viewed !== null && (
        <Viewer artifacts={artifacts} id={viewed} onMove={setViewed} onClose={() => setViewed(null)} />
      )}
    </div>
  );
}
