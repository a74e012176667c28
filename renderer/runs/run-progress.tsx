import type { RunSummary } from '../../shared/runs.ts';
import { progressWords } from './run-words.ts';

export interface RunProgressProps {
  readonly run: RunSummary;
  /** The words beside it say the same. */
  readonly decoration?: boolean;
}

/** Done, failed and at work as parts of one bar; what waits is its empty rest. */
export function RunProgress({ run, decoration = false }: RunProgressProps) {
  const { done, failed, running, fetching, dispatched } = run.shards;
  const total = Math.max(1, run.shardCount + (run.secondStage ? 1 : 0));
  const parts = [
    { id: 'ok', share: done / total },
    { id: 'error', share: failed / total },
    { id: 'busy', share: (running + fetching + dispatched) / total },
  ];
  const spoken = {
    role: 'progressbar',
    'aria-label': `${run.name}: ${progressWords(run)}`,
    'aria-valuemin': 0,
    'aria-valuemax': total,
    'aria-valuenow': done,
  };
  return (
    <span className="run-progress" {...(decoration ? { 'aria-hidden': true } : spoken)}>
      {parts.map((part) => (
        <span
          key={part.id}
          className={`run-progress-part tone-${part.id}`}
          style={{ width: `${part.share * 100}%` }}
        />
      ))}
    </span>
  );
}
