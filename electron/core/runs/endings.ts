import { messageOf } from '../../../shared/errors.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger } from '../ports.ts';
import type { ActiveRun, ActiveShard } from './active-run.ts';
import type { LateWrites } from './late-writes.ts';
import type { RunBook } from './run-book.ts';
import { endOf, isGatheredFor, noticeOf, type RunEnd } from './run-end.ts';
import type { RunFleet } from './run-fleet.ts';
import { buildSecondPass } from './second-pass.ts';
import { plainError } from './verdict.ts';

export interface EndingsDeps {
  readonly fleet: RunFleet;
  readonly book: RunBook;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly lateWrites: LateWrites;
  /** The second pass is ready to be placed. */
  readonly submit: (shard: ActiveShard) => void;
}

/** What comes after a run's last shard: its second pass, or its end. */
export class Endings {
  /** Second passes that are being built. */
  readonly #building = new Map<ActiveRun, Promise<void>>();
  /** Their end is not in the journal yet. */
  readonly #finishing = new Set<ActiveRun>();
  #closed = false;

  constructor(private readonly deps: EndingsDeps) {}

  /** To be called whenever a shard is over. */
  settle(run: ActiveRun): void {
    if (this.#closed || this.deps.book.find(run.id) !== run) return;
    if (this.#building.has(run) || this.#finishing.has(run)) return;
    if (run.isCancelled) {
      // Prompts that are being taken back may still end.
      this.#finish(run);
      return;
    }
    if (!run.isGathered) return;
    this.deps.book.catchUp(run);
    if (!isGatheredFor(run.plan, run.shards) || run.secondStage?.isOver === true) this.#finish(run);
    else if (run.secondPass === null) this.#building.set(run, this.#beginSecondStage(run));
  }

  /** Resolves when nothing is being built any more; the next start builds it again. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#building.values());
  }

  async #beginSecondStage(run: ActiveRun): Promise<void> {
    const { book, fleet, logger } = this.deps;
    try {
      const pass = await buildSecondPass(run, fleet.folders().input);
      if (this.#closed || book.find(run.id) !== run || run.isCancelled) return;
      run.secondPass = pass;
      this.#submit(run, pass.warnings);
    } catch (error) {
      if (this.#closed) return;
      logger.warn('a second pass cannot be built', { run: run.id, reason: messageOf(error) });
      this.#giveUp(run, messageOf(error));
    } finally {
      this.#building.delete(run);
      if (run.secondPass === null) this.settle(run);
    }
  }

  #submit(run: ActiveRun, warnings: readonly string[]): void {
    const { book, lateWrites, submit } = this.deps;
    const failed = run.shards.filter(({ status }) => status !== 'done').map(({ index }) => index);
    const without = `The second pass works without shard ${failed.join(', ')}, which failed.`;
    lateWrites.write(
      () => {
        for (const sentence of warnings) book.warn(run, sentence);
        if (failed.length > 0) book.warn(run, without);
        book.addSecondStage(run);
      },
      () => submit(book.addSecondStage(run)),
    );
  }

  #giveUp(run: ActiveRun, why: string): void {
    const { book, lateWrites } = this.deps;
    lateWrites.write(
      () => book.changeShard(book.addSecondStage(run), 'failed', plainError(why)),
      () => this.settle(run),
    );
  }

  #finish(run: ActiveRun): void {
    const { book, lateWrites, clock } = this.deps;
    const facts = (shard: ActiveShard) => ({ status: shard.status, error: shard.error?.message ?? null });
    const end = endOf({
      cancelled: run.isCancelled,
      stage1: run.shards.map(facts),
      stage2: run.secondStage === null ? null : facts(run.secondStage),
    });
    const endedAt = clock.now();
    const write = (): void => {
      for (const shard of run.allShards) if (!shard.isOver) book.changeShard(shard, 'cancelled');
      book.changeRun(run, { status: end.status, error: end.error, endedAt });
    };
    this.#finishing.add(run);
    lateWrites.write(
      () => book.together(run.allShards, write),
      () => {
        this.#finishing.delete(run);
        book.drop(run);
        this.#tell(run, end);
      },
    );
  }

  #tell({ record, shards, artifacts }: ActiveRun, end: RunEnd): void {
    const done = shards.filter(({ status }) => status === 'done').length;
    const notice = noticeOf(record.name, end, artifacts.length, `${done} of ${shards.length}`);
    if (notice !== null) this.deps.notices.add(notice.level, notice.title, notice.detail);
  }
}
