import { toEnvelope } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Placement } from '../scheduler/state.ts';
import type { ActiveShard } from './active-run.ts';
import { type AttemptListener, type Attempts, abandon, type OpenAttempt } from './attempts.ts';
import type { Catalogs } from './catalogs.ts';
import type { InstanceTrust } from './instance-trust.ts';
import type { LateWrites } from './late-writes.ts';
import type { Durability, Journal } from './records.ts';
import type { RunBook } from './run-book.ts';
import type { RunFleet } from './run-fleet.ts';
import { type Verdict, verdictOf } from './verdict.ts';
import { workOf } from './works.ts';

export interface OutcomesDeps {
  readonly fleet: RunFleet;
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  readonly catalogs: Catalogs;
  readonly trust: InstanceTrust;
  readonly book: RunBook;
  readonly clock: Clock;
  readonly lateWrites: LateWrites;
  readonly attempts: () => Attempts;
  /** Something is free, or waits again. */
  readonly pump: () => void;
  /** Nothing can be kept at home: no more work until a person says so. */
  readonly hold: (why: string) => void;
  readonly settle: (shard: ActiveShard) => void;
}

/** What follows from each moment in an attempt's life, for the shard, the scheduler and the trust in the instance. */
export class Outcomes implements AttemptListener {
  constructor(private readonly deps: OutcomesDeps) {}

  onQueued({ shard, instanceId }: OpenAttempt): void {
    const { scheduler, clock } = this.deps;
    scheduler.brought(shard.workId, instanceId, clock.now());
  }

  onFetched({ instanceId }: OpenAttempt, bytes: number, seconds: number): void {
    this.deps.scheduler.lines.observe(instanceId, 'down', bytes, seconds);
  }

  onStarted({ shard, instanceId }: OpenAttempt): void {
    const { scheduler, clock, pump } = this.deps;
    scheduler.started(shard.workId, instanceId, clock.now());
    pump();
  }

  onProgress({ shard, instanceId }: OpenAttempt, fraction: number): void {
    const { scheduler, clock } = this.deps;
    scheduler.progress(shard.workId, instanceId, fraction, clock.now());
  }

  /** The worker is free for the next one while the files are still on their way. */
  onComputed(attempt: OpenAttempt, seconds: number, loadSeconds: number | null): void {
    const { shard, instanceId } = attempt;
    const { scheduler, trust, clock, pump } = this.deps;
    trust.succeeded(instanceId);
    const measured = { seconds: Math.max(0, seconds - (loadSeconds ?? 0)), loadSeconds };
    this.#abandonCopies(shard, attempt, scheduler.finished(shard.workId, instanceId, clock.now(), measured));
    this.#saveSpeed(shard, instanceId);
    pump();
  }

  onDone(attempt: OpenAttempt): void {
    const { shard } = attempt;
    const { book, clock, scheduler, settle, pump } = this.deps;
    const first = !shard.isOver;
    const { workflow, units } = workOf(shard);
    // Nothing came where another copy had brought it all: that says nothing about the workflow.
    const { fetchedBytes } = attempt;
    if (fetchedBytes > 0) scheduler.lines.observeResult(workflow, units, fetchedBytes);
    const outcome = first ? 'done' : 'superseded';
    const endedAt = clock.now();
    const write = (): void => {
      book.endAttempt(shard, attempt.id, { endedAt, outcome, reason: null });
      if (first) book.changeShard(shard, 'done');
    };
    // After a power cut the files say as much: they are on disk and journaled.
    this.#surely(shard, write, 'crash', () => {
      this.#tellRate(attempt);
      settle(shard);
      pump();
    });
  }

  onFailed(attempt: OpenAttempt, failure: unknown): void {
    const { shard, instanceId, instanceName } = attempt;
    const { book, scheduler, clock, pump } = this.deps;
    const { fatalLosses, retries, tries } = shard;
    const hadStarted = attempt.startedAt !== null && !attempt.computed;
    if (attempt.takenBack) {
      this.#requeueTakenBack(attempt);
      return;
    }
    const verdict = verdictOf(failure, { fatalLosses, retries, tries, hadStarted, instanceName });
    const now = clock.now();
    // Freed in any case: settled copies only wait for this word.
    scheduler.released(shard.workId, instanceId);
    this.#judgeInstance(attempt, verdict);
    if (verdict.countsAs === 'fatal-loss') shard.fatalLosses += 1;
    if (verdict.countsAs === 'retry') shard.retries += 1;
    if (verdict.saveAnew) shard.saves += 1;
    const moot = shard.isOver || verdict.next === 'nothing';
    const outcome = moot && !shard.run.isCancelled ? 'superseded' : verdict.outcome;
    if (verdict.next === 'hold') this.deps.hold(toEnvelope(failure).message);
    const write = (): void => {
      book.endAttempt(shard, attempt.id, { endedAt: now, outcome, reason: verdict.reason });
      if (!moot) this.#apply(attempt, verdict);
    };
    this.#surely(shard, write, 'power-cut', () => {
      if (shard.isOver) this.deps.settle(shard);
      pump();
    });
  }

  /** All of it together, now or later; until then the shard is where it was. */
  #surely(shard: ActiveShard, write: () => void, survives: Durability, then: () => void): void {
    const { book, lateWrites } = this.deps;
    lateWrites.write(() => book.together([shard], write, survives), then);
  }

  #apply(attempt: OpenAttempt, verdict: Verdict): void {
    const { shard, instanceId } = attempt;
    const { scheduler, book, clock, attempts } = this.deps;
    const now = clock.now();
    if (verdict.next === 'fail') {
      this.#abandonCopies(shard, attempt, scheduler.failed(shard.workId, instanceId, now));
      scheduler.cancel([shard.workId]);
      book.changeShard(shard, 'failed', verdict.error);
      return;
    }
    this.#keepAway(attempt, verdict);
    scheduler.lost(shard.workId, instanceId, now);
    // Computed elsewhere at this moment: that copy goes on alone.
    if (attempts().isWorkedOn(shard)) return;
    book.changeShard(shard, 'queued');
    // One whose files were lost on the way, or that was taken over from an earlier life, is not known there any more.
    scheduler.submit([workOf(shard)], now);
  }

  #requeueTakenBack({ shard, instanceId, id }: OpenAttempt): void {
    const { scheduler, book, clock, pump, attempts } = this.deps;
    const reason = 'Taken back: another worker is sooner done.';
    const endedAt = clock.now();
    const write = (): void => {
      book.endAttempt(shard, id, { endedAt, outcome: 'cancelled', reason });
      scheduler.revoked(shard.workId, instanceId);
      if (!shard.isOver && !attempts().isWorkedOn(shard)) book.changeShard(shard, 'queued');
    };
    this.#surely(shard, write, 'power-cut', pump);
  }

  #keepAway({ shard, instanceId }: OpenAttempt, { avoid, reason }: Verdict): void {
    const { scheduler, catalogs, clock } = this.deps;
    if (avoid === 'none') return;
    const { workflow } = workOf(shard);
    if (avoid === 'pair') {
      scheduler.exclude(workflow, instanceId, reason, clock.now());
      return;
    }
    // Its lists were old: they are read again before it is asked once more.
    catalogs.forget(instanceId);
    scheduler.excludeWork(shard.workId, instanceId, reason);
  }

  #judgeInstance({ instanceId }: OpenAttempt, verdict: Verdict): void {
    const { trust, clock } = this.deps;
    if (verdict.countsAgainstInstance) trust.failed(instanceId, clock.now());
    else trust.inconclusive(instanceId, clock.now());
  }

  #abandonCopies(shard: ActiveShard, winner: OpenAttempt, copies: readonly Placement[]): void {
    const elsewhere = new Set(copies.map(({ worker }) => worker));
    for (const other of this.deps.attempts().of(shard)) {
      if (other !== winner && (elsewhere.has(other.instanceId) || other.adopted)) {
        abandon(other, `Another copy was faster, on ${winner.instanceName}.`);
      }
    }
  }

  #saveSpeed(shard: ActiveShard, instanceId: string): void {
    const { workflow } = workOf(shard);
    this.deps.lateWrites.write(() => {
      const speed = this.deps.scheduler.speedOf(instanceId, workflow);
      if (speed !== null) this.deps.journal.saveSpeed(speed);
    });
  }

  #tellRate({ artifacts, instanceId }: OpenAttempt): void {
    const pictures = artifacts.filter(({ kind }) => kind === 'image');
    const seconds = Math.max(0, ...pictures.map((one) => one.seconds ?? 0));
    if (seconds > 0) this.deps.fleet.tellRate(instanceId, (60 * pictures.length) / seconds);
  }
}
