import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { FailureReport, ProcessState } from '../../../shared/lifecycle.ts';
import { Emitter, sleep } from '../ports.ts';
import { advance } from './boot-progress.ts';
import { type Exit, identityOf, type RunningProcess, spawnPlan, watchForeign } from './child-process.ts';
import { diagnose, type OwnVerdict } from './diagnosis.ts';
import {
  answers,
  awaitReady,
  HEALTH_TIMING,
  type HealthDeps,
  type HealthTiming,
  watchHealth,
} from './health-watch.ts';
import type { LaunchPlan } from './launch-plan.ts';
import { lastLines } from './log-tail.ts';
import type { ManagedProcessDeps, Run } from './managed-process-deps.ts';
import { MemoryPeak } from './memory-peak.ts';
import { nextState, type ProcessEvent } from './process-machine.ts';
import { findProcess } from './process-table.ts';
import { endTree, forceEnd, STOP_LIMITS, type StopLimits } from './process-tree.ts';
import type { ProcessRecord } from './registry.ts';
import { decideRestart, RESTART_TIMING } from './restart-policy.ts';
import { isSurvivor } from './survivors.ts';

export type { ManagedProcessDeps, SupervisorPolicy } from './managed-process-deps.ts';

const MOST_LINES = 60;
/** Helpers of a dead server get little time: the next start waits for them. */
const HELPER_LIMITS: StopLimits = { interrupt: 0, terminate: 2_000, kill: 3_000 };
const EXIT_MS = 5_000;
const ADOPTED_PROBE_MS = 5_000;

/** One ComfyUI server that we keep alive. States and transitions: shared/lifecycle.ts. */
export class ManagedProcess {
  readonly #deps: ManagedProcessDeps;
  readonly #changed = new Emitter<ProcessState>();
  readonly #memory: MemoryPeak;
  #state: ProcessState;
  #run: Run | null = null;
  #generation = 0;
  /** Grows with every wish of the person: work that began under an older one ends silently. */
  #wish = 0;
  #restarts = 0;
  #opening: Promise<void> | null = null;
  #stopping: Promise<void> | null = null;
  #cancelTimer: () => void = () => undefined;
  #released = false;

  constructor(deps: ManagedProcessDeps) {
    this.#deps = deps;
    this.#memory = new MemoryPeak(deps.clock, deps.memory);
    this.#state = { status: 'stopped', since: deps.clock.now() };
  }

  get state(): ProcessState {
    return this.#state;
  }

  onChange(listener: (state: ProcessState) => void): () => void {
    return this.#changed.on(listener);
  }

  /**
   * Resolves when the start has begun, or joins the one under way.
   * @throws EnsembleError('bad-argument') for a plan with problems, ('port-in-use') when somebody else listens there
   */
  async start(): Promise<void> {
    if (this.#stopping !== null) await this.#stopping;
    if (this.#released || this.#run !== null) return;
    this.#opening ??= this.#openByHand().finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  /** Ends the whole tree; resolves after the observed exit. Idempotent. A failure stays shown. */
  async stop(): Promise<void> {
    this.#wish += 1;
    this.#cancelTimer();
    this.#stopping ??= this.#stopNow().finally(() => {
      this.#stopping = null;
    });
    await this.#stopping;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /**
   * Takes over a server that an earlier control center started.
   * @returns false when it is not that process any more, or our port is another one by now
   */
  async adopt(record: ProcessRecord): Promise<boolean> {
    if (this.#run !== null || this.#opening !== null || record.port !== this.#deps.port()) return false;
    const row = (await isSurvivor(record)) ? await findProcess(record.pid) : null;
    if (row === null) return false;
    this.#generation = Math.max(this.#generation, record.generation) + 1;
    const run = this.#follow(watchForeign(row, this.#deps.clock), record.device);
    this.#deps.log.note(`Taken over as it runs (pid ${row.pid}).`);
    const timing = { ...this.#timing, probeMs: ADOPTED_PROBE_MS };
    if (await answers({ ...this.#health(run), timing })) this.#onReady(run, null);
    else this.#apply({ type: 'begun', generation: run.generation, attempt: 1 });
    this.#apply({ type: 'spawned', generation: run.generation, pid: row.pid });
    this.#supervise(run);
    return true;
  }

  /** Lets go without stopping: the process goes on, its record stays, and nothing is told any more. */
  release(): void {
    this.#released = true;
    this.#wish += 1;
    this.#cancelTimer();
    this.#run?.gone.abort();
    this.#run?.unfollow();
    this.#run?.process.letGo();
  }

  get #timing(): HealthTiming {
    return this.#deps.policy().health ?? HEALTH_TIMING;
  }

  #apply(event: ProcessEvent): void {
    const next = nextState(this.#state, event, this.#deps.clock.now());
    if (next === this.#state || this.#released) return;
    this.#state = next;
    this.#changed.emit(next);
  }

  async #openByHand(): Promise<void> {
    this.#cancelTimer();
    const wish = ++this.#wish;
    this.#apply({ type: 'stopped', generation: this.#generation });
    this.#restarts = 0;
    const plan = await this.#usablePlan();
    if (wish === this.#wish) await this.#launch(plan, wish);
  }

  async #openAgain(): Promise<void> {
    const wish = ++this.#wish;
    this.#begin();
    try {
      const plan = await this.#usablePlan();
      if (wish === this.#wish) await this.#spawn(plan);
    } catch (error) {
      if (wish === this.#wish) this.#neverRan(error);
    }
  }

  async #usablePlan(): Promise<LaunchPlan> {
    const plan = await this.#deps.plan();
    if (plan.problems.length > 0) {
      const message = plan.problems.map((problem) => problem.message).join(' ');
      throw new EnsembleError(
        'bad-argument',
        message,
        'Edit the instance and start it again.',
        plan.problems,
      );
    }
    const port = this.#deps.port();
    if ((await this.#deps.checkPort(port)) === 'taken') {
      const hint = 'End the program that listens there, or give the instance another port.';
      throw new EnsembleError('port-in-use', `Port ${port} is already in use.`, hint);
    }
    return plan;
  }

  #begin(): void {
    this.#generation += 1;
    this.#apply({ type: 'begun', generation: this.#generation, attempt: this.#restarts + 1 });
  }

  async #launch(plan: LaunchPlan, wish: number): Promise<void> {
    this.#begin();
    await this.#spawn(plan).catch((error: unknown) => {
      if (wish === this.#wish) this.#neverRan(error);
    });
  }

  async #spawn(plan: LaunchPlan): Promise<void> {
    const { log } = this.#deps;
    log.note(`Starting: ${[plan.file, ...plan.args].join(' ')}`);
    const child = await spawnPlan(plan, () => log.openForChild());
    const run = this.#follow(child, plan.ownEnvironment['CUDA_VISIBLE_DEVICES'] ?? null);
    this.#apply({ type: 'spawned', generation: run.generation, pid: child.pid });
    this.#supervise(run);
    if (this.#released) this.release();
  }

  #follow(child: RunningProcess, device: string | null): Run {
    const generation = this.#generation;
    const { clock, log } = this.#deps;
    const run: Run = {
      generation,
      process: child,
      port: this.#deps.port(),
      startedAt: clock.now(),
      gone: new AbortController(),
      unfollow: log.onLines((lines) => {
        if (this.#state.status !== 'starting') return;
        const step = lines.reduce((before, { text }) => advance(before, text), this.#state.step);
        if (step !== this.#state.step) this.#apply({ type: 'stepped', generation, step });
      }),
      device,
      readyAt: null,
      bootMs: null,
      verdict: null,
      finished: Promise.resolve(),
    };
    this.#run = run;
    return run;
  }

  #supervise(run: Run): void {
    void this.#register(run);
    run.finished = run.process.exited.then((exit) => this.#finish(run, exit));
    void this.#watch(run);
  }

  /** The list of running servers is what a crash of ours is mended with; without it we still supervise. */
  async #register(run: Run): Promise<void> {
    const { registry, id, log, logger, policy } = this.#deps;
    const row = await run.process.identity;
    if (row === null || run.gone.signal.aborted) return;
    const { port, device, generation } = run;
    const { pid, startTime, command } = row;
    const url = `http://127.0.0.1:${port}`;
    try {
      registry.setStopOnExit(policy().stopOnExit);
      registry.set(id, { pid, startTime, command, port, url, logFile: log.file, device, generation });
    } catch (error) {
      logger.error('a running server could not be registered', { id, pid, error: messageOf(error) });
    }
  }

  #health(run: Run): HealthDeps {
    const { clock, probe } = this.#deps;
    const sampled = (signal: AbortSignal): Promise<void> => {
      this.#memory.sample();
      return probe(signal);
    };
    return { clock, probe: sampled, timing: this.#timing, signal: run.gone.signal };
  }

  async #watch(run: Run): Promise<void> {
    const { clock, checkPort, policy } = this.#deps;
    if (run.readyAt === null) {
      const limitMs = (): number => policy().readyTimeoutMs;
      const outcome = await awaitReady(this.#health(run), limitMs);
      if (outcome === 'timeout')
        await this.#end(run, { kind: 'ready-timeout', seconds: Math.round(limitMs() / 1000) });
      if (outcome !== 'ready') return;
      this.#onReady(run, clock.now() - run.startedAt);
    }
    let silentSeconds = 0;
    const outcome = await watchHealth(this.#health(run), {
      onAnswer: () => {
        void this.#register(run);
        this.#apply({
          type: 'answered',
          generation: run.generation,
          pid: run.process.pid,
          bootMs: run.bootMs,
        });
      },
      onSilence: (seconds) => {
        silentSeconds = seconds;
        this.#apply({ type: 'silent', generation: run.generation, detail: `No answer for ${seconds} s` });
      },
      isRebooting: async () => (await checkPort(run.port)) === 'free',
      rebootLimitMs: () => policy().readyTimeoutMs,
    });
    if (outcome === 'hung') await this.#end(run, { kind: 'hang', seconds: silentSeconds });
  }

  #onReady(run: Run, bootMs: number | null): void {
    run.readyAt = this.#deps.clock.now();
    run.bootMs = bootMs;
    this.#apply({ type: 'answered', generation: run.generation, pid: run.process.pid, bootMs });
  }

  /** Ends it for a reason of our own; its exit then takes the usual way. */
  async #end(run: Run, verdict: OwnVerdict): Promise<void> {
    if (this.#stopping !== null || this.#released) return;
    run.verdict = verdict;
    await this.#endTree(run, HELPER_LIMITS);
  }

  async #endTree(run: Run, limits: StopLimits): Promise<void> {
    const { clock } = this.#deps;
    const { generation, process: child } = run;
    const row = await child.identity;
    if (row !== null) {
      await endTree(identityOf(row), {
        limits,
        clock,
        onStage: (stage) => {
          if (this.#stopping !== null) this.#apply({ type: 'stopping', generation, pid: child.pid, stage });
        },
      });
    }
    if (await this.#exitsWithin(run, EXIT_MS)) return;
    // The process table could not be read, or lied: our own child is ended by its pid, which is its own until we saw its exit.
    await forceEnd(child.pid);
    await this.#exitsWithin(run, EXIT_MS);
  }

  async #exitsWithin(run: Run, ms: number): Promise<boolean> {
    const controller = new AbortController();
    const exited = run.process.exited.then(() => true);
    const late = sleep(this.#deps.clock, ms, controller.signal).then(
      () => false,
      () => false,
    );
    const result = await Promise.race([exited, late]);
    controller.abort();
    return result;
  }

  async #stopNow(): Promise<void> {
    await this.#opening?.catch(() => undefined);
    const run = this.#run;
    const generation = this.#generation;
    if (run !== null) {
      this.#apply({ type: 'stopping', generation, pid: run.process.pid, stage: 'interrupt' });
      await this.#endTree(run, this.#deps.policy().stop ?? STOP_LIMITS);
      if (!(await this.#exitsWithin(run, 0))) {
        this.#apply({
          type: 'gave-up',
          generation,
          failure: this.#unstoppable(run),
          restarts: this.#restarts,
        });
        return;
      }
      await run.finished;
      this.#deps.log.note('Stopped.');
    }
    this.#apply({ type: 'stopped', generation });
  }

  #unstoppable(run: Run): FailureReport {
    const report = this.#report(run, { code: null, signal: null });
    const summary = `Process ${run.process.pid} does not end, not even when killed: it hangs in the system or a driver.`;
    return { ...report, cause: 'hang', summary, remedy: 'Restart the machine.' };
  }

  /** After the observed exit: helpers that it left behind go too, then the death is explained and answered. */
  async #finish(run: Run, exit: Exit): Promise<void> {
    run.gone.abort();
    run.unfollow();
    if (this.#released) return;
    this.#memory.sample();
    const row = await run.process.identity;
    if (row !== null)
      await endTree(identityOf(row), { limits: HELPER_LIMITS, clock: this.#deps.clock, first: 'terminate' });
    const failure = this.#report(run, exit);
    this.#forget(run);
    if (this.#stopping !== null || this.#released) return;
    this.#deps.log.note(failure.summary, failure.cause === 'clean-exit' ? 'info' : 'error');
    this.#answerDeath(failure, run.readyAt === null ? null : this.#deps.clock.now() - run.readyAt);
  }

  #forget(run: Run): void {
    if (this.#run === run) this.#run = null;
    try {
      this.#deps.registry.delete(this.#deps.id);
    } catch (error) {
      this.#deps.logger.error('a dead server could not be unregistered', { error: messageOf(error) });
    }
  }

  #report(run: Run, exit: Exit): FailureReport {
    return diagnose({
      exitCode: exit.code,
      signal: exit.signal,
      lines: lastLines(this.#deps.log.file, run.process.logOffset, MOST_LINES),
      memoryPeak: this.#memory.value,
      wasReady: run.readyAt !== null,
      verdict: run.verdict,
      port: run.port,
      at: this.#deps.clock.now(),
    });
  }

  #neverRan(error: unknown): void {
    const { clock, log } = this.#deps;
    const report = diagnose({
      exitCode: null,
      signal: null,
      lines: [],
      memoryPeak: null,
      wasReady: false,
      verdict: { kind: 'spawn-failed', message: messageOf(error) },
      port: this.#deps.port(),
      at: clock.now(),
    });
    const failure = error instanceof EnsembleError ? { ...report, ...refusal(error) } : report;
    log.note(failure.summary, 'error');
    this.#answerDeath(failure, null);
  }

  #answerDeath(failure: FailureReport, readyMs: number | null): void {
    const { clock, policy, random } = this.#deps;
    const { restartCrashed, restart = RESTART_TIMING } = policy();
    const death = { cause: failure.cause, readyMs, restarts: this.#restarts };
    const decision = decideRestart(death, restartCrashed, random(), restart);
    this.#restarts = decision.restarts;
    const generation = this.#generation;
    if (decision.kind === 'give-up') {
      this.#apply({ type: 'gave-up', generation, failure, restarts: decision.restarts });
      return;
    }
    const { delayMs } = decision;
    this.#apply({ type: 'crashed', generation, failure, delayMs, attempt: decision.restarts + 1 });
    this.#cancelTimer = clock.after(delayMs, () => {
      this.#opening ??= this.#openAgain().finally(() => {
        this.#opening = null;
      });
    });
  }
}

/** A refusal of ours, told as the cause of death of a restart that could not even begin. */
function refusal({ code, message, hint }: EnsembleError): Partial<FailureReport> {
  if (code === 'port-in-use') return { cause: 'port-in-use', summary: message, remedy: hint };
  if (code === 'bad-argument') return { cause: 'bad-argument', summary: message, remedy: hint };
  if (code === 'disk-full') return { cause: 'disk-full', summary: message, remedy: hint };
  return { summary: message, remedy: hint };
}
