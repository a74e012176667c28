import { EnsembleError } from '../../../shared/errors.ts';
import type { FailureReport, ProcessState, StopStage } from '../../../shared/lifecycle.ts';
import {
  type Exit,
  localSystem,
  type ProcessSystem,
  type RunningProcess,
  watchForeign,
} from './child-process.ts';
import type { OwnVerdict } from './diagnosis.ts';
import { STOP_LIMITS } from './end-tree.ts';
import { deathOf, neverRan, stillThere, unstoppable } from './failure-reports.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { noteSafely } from './log-tail.ts';
import type { ManagedProcessDeps } from './managed-process-deps.ts';
import { MemoryPeak } from './memory-peak.ts';
import type { ProcessRecord } from './registry.ts';
import { Restarts } from './restarts.ts';
import { answersNow, watchRun } from './run-watch.ts';
import { HELPER_LIMITS, type RunStart, ServerRun } from './server-run.ts';
import { spawnServer } from './spawn-server.ts';
import { StateHolder } from './state-holder.ts';
import { findRecorded } from './survivors.ts';
import { usablePlan } from './usable-plan.ts';

export type { ManagedProcessDeps, SupervisorPolicy } from './managed-process-deps.ts';

/** One ComfyUI server that we keep alive. States and transitions: shared/lifecycle.ts. */
export class ManagedProcess {
  readonly #deps: ManagedProcessDeps;
  readonly #system: ProcessSystem;
  readonly #state: StateHolder;
  readonly #memory: MemoryPeak;
  readonly #again: Restarts;
  #run: ServerRun | null = null;
  #generation = 0;
  /** Grows with every wish of the person: work that began under an older one ends silently. */
  #wish = 0;
  #opening: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #unfollow: () => void = () => undefined;
  #released = false;
  readonly #onOpened = (): void => {
    this.#opening = null;
  };

  constructor(deps: ManagedProcessDeps) {
    this.#deps = deps;
    this.#system = deps.system ?? localSystem;
    this.#memory = new MemoryPeak(deps.clock, deps.memory);
    this.#again = new Restarts(deps);
    this.#state = new StateHolder(deps.clock);
  }

  get state(): ProcessState {
    return this.#state.value;
  }

  onChange(listener: (state: ProcessState) => void): () => void {
    return this.#state.onChange(listener);
  }

  /**
   * Resolves when the start has begun, or joins the one under way.
   * @throws EnsembleError('bad-argument') for a plan with problems, ('port-in-use') when somebody else listens there,
   * ('disk-full'), ('conflict') while the process before cannot be ended
   */
  start(): Promise<void> {
    return this.#startUnder(this.#wish);
  }

  async #startUnder(wish: number): Promise<void> {
    if (this.#stopping !== null) await this.#stopping;
    // A stop that was asked for later wins; a start that was is joined.
    if (wish !== this.#wish) return this.#opening ?? undefined;
    if (this.#run?.abandoned) throw stillThere(this.#run.process.pid);
    if (this.#released || this.#run !== null) return;
    this.#opening ??= this.#openByHand().finally(this.#onOpened);
    await this.#opening;
  }

  /** Ends the whole tree; resolves after the observed exit. Idempotent. A failure stays shown. */
  async stop(): Promise<void> {
    this.#wish += 1;
    this.#again.cancel();
    this.#stopping ??= this.#stopNow().finally(() => {
      this.#stopping = null;
    });
    await this.#stopping;
  }

  async restart(): Promise<void> {
    const stopping = this.stop();
    const wish = this.#wish;
    await stopping;
    await this.#startUnder(wish);
  }

  /**
   * Takes over a server that an earlier control center started.
   * @returns false when it is not that process any more, our port is another one, or something else was wished meanwhile
   */
  async adopt(record: ProcessRecord): Promise<boolean> {
    const wish = this.#wish;
    const row = await findRecorded(record, this.#system.table);
    if (row === null || record.port !== this.#deps.port()) return false;
    if (this.#run !== null || this.#opening !== null || wish !== this.#wish) return false;
    this.#again.reset();
    this.#state.apply({ type: 'stopped', generation: this.#generation });
    this.#generation = Math.max(this.#generation, record.generation);
    this.#begin();
    const child = watchForeign(row, this.#deps.clock, this.#system.table);
    const run = this.#attend(child, { generation: this.#generation, device: record.device, adopted: true });
    noteSafely(this.#deps, `Taken over as it runs (pid ${row.pid}).`);
    // A server that was ready must not look like one that starts.
    if (await answersNow(run, this.#deps)) this.#onAnswer(run);
    void this.#watch(run);
    return true;
  }

  /** Lets go without stopping: the process goes on, its record stays, and nothing is told any more. */
  release(): void {
    this.#released = true;
    this.#state.freeze();
    this.#wish += 1;
    this.#again.cancel();
    this.#unfollow();
    this.#run?.gone.abort();
    this.#run?.process.letGo();
  }

  async #openByHand(): Promise<void> {
    this.#again.reset();
    const wish = ++this.#wish;
    this.#state.apply({ type: 'stopped', generation: this.#generation });
    const plan = await usablePlan(this.#deps);
    if (wish !== this.#wish) return;
    this.#begin();
    const error = await this.#launch(async () => plan, wish);
    if (error instanceof EnsembleError) throw error;
  }

  async #openAfterDeath(): Promise<void> {
    const wish = ++this.#wish;
    this.#begin();
    await this.#launch(() => usablePlan(this.#deps), wish);
  }

  #begin(): void {
    const generation = ++this.#generation;
    this.#state.apply({ type: 'begun', generation, attempt: this.#again.count + 1 });
  }

  /** @returns what kept it from running, which then is its cause of death; null when it runs or is unwanted by now */
  async #launch(planned: () => Promise<LaunchPlan>, wish: number): Promise<unknown> {
    try {
      const plan = await planned();
      const child = await spawnServer(plan, this.#deps, this.#system, () => wish === this.#wish);
      if (child === null) return null;
      const device = plan.ownEnvironment['CUDA_VISIBLE_DEVICES'] ?? null;
      const run = this.#attend(child, { generation: this.#generation, device, adopted: false });
      if (this.#released) this.release();
      else void this.#watch(run);
      return null;
    } catch (error) {
      if (wish !== this.#wish) return null;
      this.#answerDeath(neverRan(error, this.#deps), null);
      return error;
    }
  }

  #attend(child: RunningProcess, start: RunStart): ServerRun {
    const run = new ServerRun(child, this.#deps, start);
    this.#run = run;
    this.#unfollow = this.#state.followBoot(this.#deps.log, run.generation);
    this.#state.apply({ type: 'spawned', generation: run.generation, pid: child.pid });
    void run.register();
    run.finished = child.exited.then((exit) => this.#finish(run, exit));
    return run;
  }

  #watch(run: ServerRun): Promise<void> {
    const { generation } = run;
    return watchRun(run, this.#deps, {
      onLook: () => this.#memory.sample(),
      onAnswer: () => this.#onAnswer(run),
      onSilence: (seconds) =>
        this.#state.apply({ type: 'silent', generation, detail: `No answer for ${seconds} s` }),
      end: (verdict) => this.#end(run, verdict),
    });
  }

  #onAnswer(run: ServerRun): void {
    if (run.gone.signal.aborted) return;
    if (run.readyAt === null) run.becameReady();
    const { generation, bootMs } = run;
    this.#state.apply({ type: 'answered', generation, pid: run.process.pid, bootMs });
    // A server that restarted itself may have another command line by now.
    void run.register();
  }

  async #end(run: ServerRun, verdict: OwnVerdict): Promise<void> {
    if (this.#stopping !== null || this.#released) return;
    run.verdict = verdict;
    await run.end(HELPER_LIMITS, () => undefined);
  }

  async #stopNow(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const run = this.#run;
    const generation = this.#generation;
    if (run === null) return this.#state.apply({ type: 'stopped', generation });
    const { pid } = run.process;
    const tell = (stage: StopStage): void => this.#state.apply({ type: 'stopping', generation, pid, stage });
    tell('interrupt');
    const limits = this.#deps.policy().stop ?? STOP_LIMITS;
    if (!(await run.end(limits, tell))) {
      run.abandoned = true;
      const failure = await unstoppable(run, this.#memory.value, this.#deps, this.#system.table);
      this.#state.apply({ type: 'gave-up', generation, failure, restarts: this.#again.count });
      return;
    }
    await run.finished;
    noteSafely(this.#deps, 'Stopped.');
    this.#state.apply({ type: 'stopped', generation });
  }

  /** Helpers that it left behind go too, then the death is explained and answered. */
  async #finish(run: ServerRun, exit: Exit): Promise<void> {
    run.gone.abort();
    this.#unfollow();
    if (this.#released) return;
    this.#memory.sample();
    await run.endHelpers();
    const failure = deathOf(run, exit, this.#memory.value, this.#deps);
    this.#run = null;
    run.unregister();
    if (this.#stopping !== null || this.#released || run.abandoned) return;
    this.#answerDeath(failure, run.readyAt === null ? null : this.#deps.clock.now() - run.readyAt);
  }

  #answerDeath(failure: FailureReport, readyMs: number | null): void {
    noteSafely(this.#deps, failure.summary, failure.cause === 'clean-exit' ? 'info' : 'error');
    this.#state.apply(
      this.#again.answer(failure, readyMs, this.#generation, () => {
        this.#opening ??= this.#openAfterDeath().finally(this.#onOpened);
      }),
    );
  }
}
