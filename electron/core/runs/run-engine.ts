import { EnsembleError, toEnvelope } from '../../../shared/errors.ts';
import type { InstanceId } from '../../../shared/model.ts';
import type { QueueState } from '../../../shared/runs.ts';
import { revoke } from '../comfy/whereabouts.ts';
import type { Notices } from '../notices.ts';
import type { Clock } from '../ports.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { Decision } from '../scheduler/scheduler-types.ts';
import type { ActiveRun, ActiveShard } from './active-run.ts';
import { type Attempts, abandon } from './attempts.ts';
import { whyUnable, whyUnableFor } from './capability.ts';
import type { Catalogs } from './catalogs.ts';
import { FleetWatch } from './fleet-watch.ts';
import type { InstanceTrust } from './instance-trust.ts';
import type { Journal } from './records.ts';
import type { RunBook } from './run-book.ts';
import type { RunFleet, RunServer } from './run-fleet.ts';
import { plainError } from './verdict.ts';
import { WaitWatch } from './wait-watch.ts';
import { whyUnusable, workerViews } from './worker-views.ts';
import { ORDER_STEP, shardOf, workOf } from './works.ts';

const PAUSED_KEY = 'queue.paused';
/** Between two looks at the fleet while work waits, ms: trust and suspicion change without an event. */
const RECHECK_MS = 1_000;

export interface RunEngineDeps {
  readonly fleet: RunFleet;
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  readonly catalogs: Catalogs;
  readonly trust: InstanceTrust;
  readonly book: RunBook;
  readonly attempts: Attempts;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly settle: (run: ActiveRun) => void;
  /** Called before each round: whoever waits in vain may get another participant. */
  readonly beforeRound: () => void;
}

/** Brings shards and servers together: tells the scheduler what the fleet is like, and does what it decides. */
export class RunEngine {
  #pumping = false;
  #closed = false;
  #cancelWake: () => void = () => {};
  readonly #fleetWatch: FleetWatch;
  readonly #waitWatch: WaitWatch;

  constructor(private readonly deps: RunEngineDeps) {
    const { fleet, attempts, clock, book, scheduler } = deps;
    this.#fleetWatch = new FleetWatch({ fleet, attempts, clock, pump: () => this.pump() });
    this.#waitWatch = new WaitWatch({
      ...{ fleet, book, scheduler, clock },
      whyUnusable: (id) => {
        const instance = fleet.instances().find((one) => one.id === id);
        return instance === undefined ? null : whyUnusable(instance, deps, clock.now());
      },
    });
  }

  start(): void {
    const { journal, scheduler } = this.deps;
    scheduler.loadSpeeds(journal.speeds());
    if (journal.setting(PAUSED_KEY) === 'yes') scheduler.pause();
    this.#fleetWatch.start();
    this.pump();
  }

  /** Attempts are let go of; their prompts go on where they are. */
  close(): void {
    this.#closed = true;
    this.#fleetWatch.close();
    this.#cancelWake();
    this.deps.attempts.detach();
  }

  get queue(): QueueState {
    const { scheduler, attempts } = this.deps;
    return {
      paused: scheduler.paused,
      waiting: scheduler.waitingCount,
      running: attempts.all.filter(({ computed }) => !computed).length,
    };
  }

  submit(shards: readonly ActiveShard[]): void {
    const { scheduler, clock } = this.deps;
    scheduler.submit(shards.map(workOf), clock.now());
    this.pump();
  }

  /** Who may compute its waiting shards has changed. */
  resubmit(run: ActiveRun): void {
    const waiting = run.allShards.filter(({ status }) => status === 'queued');
    this.deps.scheduler.cancel(waiting.map(({ workId }) => workId));
    this.submit(waiting);
  }

  /** Its waiting shards fail. */
  giveUp(run: ActiveRun, why: string): void {
    const { scheduler, book, settle } = this.deps;
    const waiting = run.allShards.filter(({ status }) => status === 'queued');
    scheduler.cancel(waiting.map(({ workId }) => workId));
    for (const shard of waiting) book.changeShard(shard, 'failed', plainError(why));
    settle(run);
  }

  cancel(run: ActiveRun): void {
    const { scheduler, attempts } = this.deps;
    scheduler.cancel(run.allShards.map(({ workId }) => workId));
    for (const attempt of attempts.all) {
      if (attempt.shard.run === run) abandon(attempt, 'The run was cancelled.');
    }
    this.deps.settle(run);
    this.pump();
  }

  move(run: ActiveRun): void {
    this.deps.scheduler.reorder(run.id, run.record.order * ORDER_STEP);
    this.pump();
  }

  pause(): void {
    this.deps.journal.setSetting(PAUSED_KEY, 'yes');
    this.deps.scheduler.pause();
    this.#waitWatch.lookNow();
    this.deps.book.touchQueue();
  }

  resume(): void {
    this.deps.journal.setSetting(PAUSED_KEY, 'no');
    this.deps.scheduler.resume();
    this.deps.book.touchQueue();
    this.pump();
  }

  /** The disk is full: what is under way comes back to the queue, and nothing new is begun until a person has made room. */
  hold(why: string): void {
    if (this.deps.scheduler.paused) return;
    this.deps.scheduler.pause();
    this.#waitWatch.lookNow();
    this.deps.book.touchQueue();
    this.deps.notices.add('error', 'The queue is paused', `${why} Make room, then resume the queue.`);
  }

  /** Soon, and once for everything that happens at the same time. */
  pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      if (this.#closed) return;
      try {
        this.#round();
      } catch (error) {
        // What cannot be journaled is not done.
        if (!(error instanceof EnsembleError)) throw error;
        this.hold(error.message);
        this.#wakeLater(this.deps.clock.now());
      }
    });
  }

  #round(): void {
    const { fleet, catalogs, trust, scheduler, clock, attempts, beforeRound, book } = this.deps;
    const now = clock.now();
    beforeRound();
    const ours = (id: InstanceId): number => attempts.countOn(id);
    scheduler.setWorkers(workerViews({ fleet, catalogs, trust, ours }, now));
    for (const decision of scheduler.decide(now)) this.#carryOut(decision);
    this.#waitWatch.look();
    book.touchQueue();
    this.#wakeLater(now);
  }

  #wakeLater(now: number): void {
    const { scheduler, clock } = this.deps;
    this.#cancelWake();
    const next = scheduler.nextWakeUp(now);
    const waits = scheduler.waitingCount > 0 ? now + RECHECK_MS : null;
    const times = [next, waits].filter((time): time is number => time !== null);
    if (times.length === 0) return;
    this.#cancelWake = clock.after(Math.max(10, Math.min(...times) - now), () => this.pump());
  }

  #carryOut(decision: Decision): void {
    const shard = shardOf(decision.work, this.deps.book);
    const server = this.deps.fleet.server(decision.worker);
    if (shard === null) return;
    if (decision.kind === 'revoke') void this.#takeBack(shard, decision.worker);
    else if (server === null) this.deps.scheduler.lost(decision.work, decision.worker, this.deps.clock.now());
    else this.#dispatch(shard, server, decision.backup);
  }

  #dispatch(shard: ActiveShard, server: RunServer, backup: boolean): void {
    const { scheduler, book, attempts, trust, clock } = this.deps;
    if (!this.#isAble(shard, server.id)) return;
    const now = clock.now();
    try {
      trust.dispatched(server.id, now);
      const { run } = shard;
      if (run.record.startedAt === null) book.changeRun(run, { status: 'running', startedAt: now });
      else if (run.record.status === 'queued') book.changeRun(run, { status: 'running' });
      attempts.begin(shard, server, backup);
      if (shard.status === 'queued') book.changeShard(shard, 'dispatched');
    } catch (error) {
      // Not journaled, so not sent.
      scheduler.revoked(shard.workId, server.id);
      trust.inconclusive(server.id, now);
      this.hold(toEnvelope(error).message);
    }
  }

  /** A server that lacks something is not tried: its own lists have said so. */
  #isAble(shard: ActiveShard, id: InstanceId): boolean {
    const { catalogs, scheduler, clock } = this.deps;
    const catalog = catalogs.last(id);
    if (catalog === null) return true;
    const { run, stage, index } = shard;
    const lack =
      stage === 1
        ? whyUnableFor(run.plan, index, catalog)
        : { why: whyUnable(run.secondPass?.prompt ?? {}, catalog), scope: 'template' as const };
    if (lack === null || lack.why === null) return true;
    run.unable.set(id, lack.why);
    scheduler.revoked(shard.workId, id);
    if (lack.scope === 'shard') scheduler.excludeWork(shard.workId, id, lack.why);
    else scheduler.exclude(workOf(shard).workflow, id, lack.why, clock.now(), null);
    this.pump();
    return false;
  }

  async #takeBack(shard: ActiveShard, worker: InstanceId): Promise<void> {
    const { attempts, scheduler, clock, fleet } = this.deps;
    const attempt = attempts.of(shard).find(({ instanceId }) => instanceId === worker);
    const server = fleet.server(worker);
    if (attempt === undefined || server === null) return;
    const end = await revoke(attempt.id, server).catch(() => 'started' as const);
    if (end === 'started') scheduler.started(shard.workId, worker, clock.now());
    else attempts.takeBack(attempt);
    this.pump();
  }
}
