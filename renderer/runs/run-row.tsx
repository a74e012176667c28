import { memo } from 'react';
import type { RunSummary } from '../../shared/runs.ts';
import { isFinished } from '../../shared/runs.ts';
import { Chip } from '../components/chip.tsx';
import { classNames } from '../components/class-names.ts';
import { StateDot } from '../components/state-dot.tsx';
import { thumbnailPath } from '../gallery/artifact-words.ts';
import { formatAgo } from '../store/format.ts';
import { useClient } from '../store/services.ts';
import { useNow } from '../store/use-now.ts';
import { RunProgress } from './run-progress.tsx';
import { slotsOf } from './run-slots.ts';
import {
  MODE_WORDS,
  progressWords,
  RUN_WORDS,
  shortSeedWords,
  timeWords,
  waitsAsAWhole,
} from './run-words.ts';

/** Pictures in a row: as many as fit at the smallest width of the list. */
const MOST_SLOTS = 6;

export interface RunRowProps {
  readonly run: RunSummary;
  /** 1 for the first. */
  readonly place: number;
  readonly of: number;
  /** px from the top of the list. */
  readonly top: number;
  readonly opened: boolean;
  readonly tabbable: boolean;
  readonly onOpen: (id: string) => void;
  readonly onFocus: (id: string) => void;
}

export const RunRow = memo(function RunRow(props: RunRowProps) {
  const { run } = props;
  const { word, tone } = RUN_WORDS[run.status];
  const mode = MODE_WORDS[run.mode];
  const waits = waitsAsAWhole(run);
  return (
    <li
      className="run-item"
      aria-setsize={props.of}
      aria-posinset={props.place}
      style={{ transform: `translateY(${props.top}px)` }}
    >
      <button
        type="button"
        className={classNames('run-row', props.opened && 'run-row-opened')}
        aria-current={props.opened ? 'true' : undefined}
        aria-label={[run.name, word, progressWords(run), waits].filter((part) => part !== null).join(', ')}
        data-run={run.id}
        tabIndex={props.tabbable ? 0 : -1}
        onFocus={() => props.onFocus(run.id)}
        onClick={() => props.onOpen(run.id)}
      >
        <span className="run-row-line">
          <span className="run-row-name truncate" title={run.name}>
            {run.name}
          </span>
          <StateDot tone={tone} word={word} pulse={run.status === 'running'} />
        </span>
        <span className="run-row-line run-row-meta">
          <span className="truncate">{progressWords(run)}</span>
          <RunTime run={run} />
        </span>
        {waits === null ? (
          <RunStrip run={run} />
        ) : (
          <span className="run-row-waits" title={waits}>
            {waits}
          </span>
        )}
        <span className="run-row-line run-row-meta">
          <Chip tone={mode.tone} title={run.modeReason}>
            {mode.word}
          </Chip>
          <span className="truncate">{shortSeedWords(run.seedFirst, run.seedLast) ?? 'No seed'}</span>
        </span>
        <RunProgress run={run} decoration />
      </button>
    </li>
  );
});

function RunTime({ run }: { readonly run: RunSummary }) {
  const finished = isFinished(run.status);
  const now = useNow(finished ? 10_000 : 1000);
  const ended = run.endedAt ?? run.createdAt;
  return <span className="run-row-time">{finished ? formatAgo(ended, now) : timeWords(run, now)}</span>;
}

function RunStrip({ run }: { readonly run: RunSummary }) {
  const client = useClient();
  const slots = slotsOf(run, MOST_SLOTS);
  return (
    <span className="run-strip">
      {slots.map((thumbnail, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place is what stays.
        <span key={index} className="run-slot">
          {thumbnail?.kind === 'image' && (
            <img
              src={client.fileUrl(thumbnailPath(thumbnail))}
              alt=""
              loading="lazy"
              decoding="async"
              draggable={false}
            />
          )}
        </span>
      ))}
      {run.shardCount > slots.length && (
        <span className="run-strip-more">+{(run.shardCount - slots.length).toLocaleString('en')}</span>
      )}
    </span>
  );
}
