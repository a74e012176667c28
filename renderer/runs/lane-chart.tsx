import { useMemo } from 'react';
import type { Shard } from '../../shared/runs.ts';
import { formatDuration } from '../store/format.ts';
import { useClient } from '../store/services.ts';
import {
  LANE_WIDTH,
  type Lane,
  lanePath,
  lanesOf,
  laneWords,
  type Mark,
  rangeOf,
  type SegmentKind,
} from './lanes.ts';

const KINDS: readonly { readonly kind: SegmentKind; readonly word: string }[] = [
  { kind: 'wait', word: 'Waits there' },
  { kind: 'load', word: 'Load' },
  { kind: 'sample', word: 'Sample' },
  { kind: 'fetch', word: 'Fetch' },
];
const MARKS: Readonly<Record<Mark['outcome'], string>> = {
  lost: '×',
  failed: '!',
  cancelled: '–',
  superseded: '»',
};
/** More marks than these on one lane would cover it; the words count all of them. */
const MOST_MARKS = 40;

/** Who did what when: one lane per participant. */
export function LaneChart({ shards, now }: { readonly shards: readonly Shard[]; readonly now: number }) {
  const time = now === 0 ? lastEnd(shards) : now;
  const range = useMemo(() => rangeOf(shards, time), [shards, time]);
  const lanes = useMemo(() => (range === null ? [] : lanesOf(shards, range, time)), [shards, range, time]);
  if (range === null) return null;
  return (
    <section aria-labelledby="run-lanes">
      <div className="lanes-head">
        <h3 id="run-lanes">Participants</h3>
        <Legend />
      </div>
      <ul className="lanes">
        {lanes.map((lane) => (
          <LaneRow key={lane.instanceId} lane={lane} />
        ))}
      </ul>
      <p className="lanes-axis" aria-hidden="true">
        <span>0 s</span>
        <span>{formatDuration(range.to - range.from)}</span>
      </p>
    </section>
  );
}

function Legend() {
  return (
    <ul className="lanes-legend" aria-label="Legend">
      {KINDS.map(({ kind, word }) => (
        <li key={kind}>
          <span className={`lanes-swatch lane-${kind}`} aria-hidden="true" /> {word}
        </li>
      ))}
      <li>
        <span className="lanes-swatch lanes-swatch-backup" aria-hidden="true" /> Backup copy
      </li>
      <li>
        <span className="lane-glyph tone-warning">×</span> Lost
      </li>
      <li>
        <span className="lane-glyph tone-error">!</span> Failed
      </li>
    </ul>
  );
}

function LaneRow({ lane }: { readonly lane: Lane }) {
  return (
    <li className="lane">
      <LanePreview lane={lane} />
      <span className="lane-name">
        <span className="truncate" title={lane.name}>
          {lane.name}
        </span>
        <span className="lane-words" title={laneWords(lane)}>
          {laneWords(lane)}
        </span>
      </span>
      <span className="lane-track">
        <svg viewBox={`0 0 ${LANE_WIDTH} 1`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {KINDS.map(({ kind }) => (
            <path key={kind} className={`lane-${kind}`} d={lanePath(lane.segments, kind, null)} />
          ))}
        </svg>
        <Backups lane={lane} />
        {lane.marks.slice(-MOST_MARKS).map((mark) => (
          <span
            key={mark.id}
            className={`lane-mark lane-glyph tone-${mark.outcome === 'failed' ? 'error' : mark.outcome === 'lost' ? 'warning' : 'neutral'}`}
            style={{ left: `${mark.at * 100}%` }}
            title={mark.words}
          >
            <span aria-hidden="true">{MARKS[mark.outcome]}</span>
            <span className="visually-hidden">{mark.words}</span>
          </span>
        ))}
      </span>
    </li>
  );
}

/** Hatched over the segments of backup copies. */
function Backups({ lane }: { readonly lane: Lane }) {
  const backups = lane.segments.filter((segment) => segment.backup);
  return backups.map((segment, index) => (
    <span
      // biome-ignore lint/suspicious/noArrayIndexKey: they only grow in number; their shares change with the time.
      key={index}
      className="lane-backup"
      style={{ left: `${segment.from * 100}%`, width: `${(segment.to - segment.from) * 100}%` }}
    />
  ));
}

function LanePreview({ lane }: { readonly lane: Lane }) {
  const client = useClient();
  const shard = lane.current;
  const path =
    shard === null || shard.preview === 0
      ? null
      : `/files/previews/${encodeURIComponent(lane.instanceId)}?n=${shard.preview}`;
  return (
    <span className="lane-preview">
      {path !== null && <img src={client.fileUrl(path)} alt={`Live preview of ${lane.name}`} />}
    </span>
  );
}

function lastEnd(shards: readonly Shard[]): number {
  let last = 0;
  for (const { attempts } of shards) {
    for (const attempt of attempts) last = Math.max(last, attempt.endedAt ?? attempt.dispatchedAt);
  }
  return last;
}
