import { EnsembleError } from '../../../shared/errors.ts';
import {
  type Attempt,
  isFinished,
  type RunDetail,
  type RunId,
  type RunSummary,
  type RunsPage,
  type Shard,
} from '../../../shared/runs.ts';
import type { Journal, RunHead, RunRecord } from './records.ts';
import type { RunBook } from './run-book.ts';
import { summaryOf, THUMBNAILS, thumbnailsOf } from './run-summary.ts';

/** Shown of one run; the rest is in the journal. */
const SHARDS_SHOWN = 2_000;

export interface RunLibraryDeps {
  readonly journal: Journal;
  readonly book: RunBook;
  readonly nextRevision: () => number;
}

/** Reads runs, the unfinished ones out of memory and the others out of the journal. */
export class RunLibrary {
  constructor(private readonly deps: RunLibraryDeps) {}

  page(before: number | null, limit: number): RunsPage {
    const { journal, book } = this.deps;
    const open = before === null ? [...book.all].sort((a, b) => a.record.order - b.record.order) : [];
    const finished = journal.finishedRuns(before, limit + 1);
    return {
      runs: [
        ...open.map((run) => book.summary(run)),
        ...finished.slice(0, limit).map((head) => this.#finished(head)),
      ],
      queue: book.queue(),
      more: finished.length > limit,
    };
  }

  /** @throws EnsembleError('not-found') */
  detail(id: RunId): RunDetail {
    const { journal, book } = this.deps;
    const run = book.find(id);
    if (run !== null) {
      return {
        run: book.summary(run),
        shards: run.allShards.slice(0, SHARDS_SHOWN).map((shard) => shard.snapshot()),
        artifacts: run.artifacts,
      };
    }
    const record = this.record(id);
    const attempts = byShard(journal.attempts(id));
    return {
      run: this.#finished(record),
      shards: journal.shards(id, SHARDS_SHOWN).map((shard): Shard => {
        const own = attempts.get(`${shard.stage}/${shard.index}`) ?? [];
        const made = own.findLast(({ outcome }) => outcome === 'done') ?? own.at(-1);
        const still = { node: null, step: null, steps: null, preview: 0 };
        return { ...shard, ...still, attempts: own, instanceId: made?.instanceId ?? null };
      }),
      artifacts: journal.artifactsOf(id),
    };
  }

  /** @throws EnsembleError('not-found') */
  record(id: RunId): RunRecord {
    const record = this.deps.journal.run(id);
    if (record !== null) return record;
    throw new EnsembleError('not-found', `There is no run “${id}”.`, '`ensemble runs` lists them.');
  }

  /** @throws EnsembleError('conflict') while it is under way */
  finishedRecord(id: RunId, action: string): RunRecord {
    const record = this.record(id);
    if (isFinished(record.status) && this.deps.book.find(id) === null) return record;
    throw new EnsembleError(
      'conflict',
      `${record.name} is still under way and cannot be ${action}.`,
      'Wait for its end, or cancel it first.',
    );
  }

  #finished(head: RunHead): RunSummary {
    const { firstArtifacts, ...digest } = this.deps.journal.digest(head.id, THUMBNAILS);
    return summaryOf(head, {
      ...digest,
      revision: this.deps.nextRevision(),
      expectedEnd: null,
      waits: null,
      thumbnails: thumbnailsOf(firstArtifacts),
    });
  }
}

/** Of thousands of shards, without looking through all attempts for each. */
function byShard(attempts: readonly Attempt[]): ReadonlyMap<string, readonly Attempt[]> {
  const own = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const key = `${attempt.stage}/${attempt.shard}`;
    const known = own.get(key);
    if (known === undefined) own.set(key, [attempt]);
    else known.push(attempt);
  }
  return own;
}
