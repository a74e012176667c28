import { messageOf } from '../../../shared/errors.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger } from '../ports.ts';
import type { ActiveRun, ActiveShard } from './active-run.ts';
import type { Journal } from './records.ts';
import type { RunBook } from './run-book.ts';
import { endOf, noticeOf } from './run-end.ts';
import type { RunFleet } from './run-fleet.ts';
import { buildSecondPass } from './second-pass.ts';
import { plainError } from './verdict.ts';

export interface EndingsDeps {
  readonly fleet: RunFleet;
  readonly journal: Journal;
  readonly book: RunBook;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The second pass is ready to be placed. */
  readonly submit: (shard: ActiveShard) => void;
}

/** What comes after a run's last shard: its second pass, or its end. */
export class Endings {
  /** Second passes that are being built. */
  readonly #building = new Map<ActiveRun, Promise<void>>();
  #closed = false;

  constructor(private readonly deps: EndingsDeps) {}

  /** To be called whenever a shard is over. */
  settle(run: ActiveRun): void {
    if (this.#closed || this.deps.book.find(run.id) !== run || this.#building.has(run)) return;
    if (run.isCancelled) {
      // Prompts that are being taken back may still end.
      this.#finish(run);
      return;
    }
    if (!run.isGathered) return;
    const wanted = run.plan.secondStage !== null && run.shards.some(({ status }) => status === 'done');
    if (!wanted || run.secondStage?.isOver === true) this.#finish(run);
    else if (run.secondPass === null) this.#building.set(run, this.#beginSecondStage(run));
  }

  /** Resolves when nothing is being built any more; the next start builds it again. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#building.values());
  }

  async #beginSecondStage(run: ActiveRun): Promise<void> {
    const { book, fleet } = this.deps;
    try {
      const failed = run.shards.filter(({ status }) => status !== 'done').map(({ index }) => index);
      const pass = await buildSecondPass(run, fleet.folders().input);
      if (this.#closed || book.find(run.id) !== run || run.isCancelled) return;
      run.secondPass = pass;
      for (const sentence of pass.warnings) book.warn(run, sentence);
      if (failed.length > 0) {
        book.warn(run, `The second pass works without shard ${failed.join(', ')}, which failed.`);
      }
      this.deps.submit(book.addSecondStage(run));
    } catch (error) {
      if (this.#closed) return;
      this.deps.logger.warn('a second pass cannot be built', { run: run.id, reason: messageOf(error) });
      book.changeShard(book.addSecondStage(run), 'failed', plainError(messageOf(error)));
    } finally {
      this.#building.delete(run);
      if (run.secondPass === null) this.settle(run);
    }
  }

  #finish(run: ActiveRun): void {
    const { book, journal, notices, clock } = this.deps;
    const facts = (shard: ActiveShard) => ({ status: shard.status, error: shard.error?.message ?? null });
    const end = endOf({
      cancelled: run.isCancelled,
      stage1: run.shards.map(facts),
      stage2: run.secondStage === null ? null : facts(run.secondStage),
    });
    journal.together(() => {
      for (const shard of run.allShards) if (!shard.isOver) book.changeShard(shard, 'cancelled');
      book.changeRun(run, { status: end.status, error: end.error, endedAt: clock.now() });
    });
    book.drop(run);
    const done = run.shards.filter(({ status }) => status === 'done').length;
    const notice = noticeOf(run.record.name, end, run.artifacts.length, `${done} of ${run.shards.length}`);
    if (notice !== null) notices.add(notice.level, notice.title, notice.detail);
  }
}
