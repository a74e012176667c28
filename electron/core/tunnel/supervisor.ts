import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { TunnelState } from '../../../shared/tunnel.ts';
import { type Clock, Emitter, type Random, sleep } from '../ports.ts';
import type { RestartTiming } from '../supervisor/restart-policy.ts';
import type { TunnelWish } from './command-line.ts';
import { nextTunnelState, type TunnelEvent } from './machine.ts';
import { deathOf, neverReady, type TunnelDeath } from './output.ts';
import { decideRetry, TUNNEL_TIMING } from './retry-policy.ts';
import type { TunnelRun } from './tunnel-run.ts';

export interface TunnelTiming {
  /** Between two looks while it has no connection, ms. */
  readonly eagerMs: number;
  /** The same while it has, ms. */
  readonly calmMs: number;
  /** That it may take to its first connection, or to the next one after it lost all, ms. */
  readonly patienceMs: number;
  readonly restart: RestartTiming;
}

const TIMING: TunnelTiming = {
  eagerMs: 500,
  calmMs: 5_000,
  patienceMs: 120_000,
  restart: TUNNEL_TIMING,
};

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly random: Random;
  /** @throws EnsembleError for what only a person can change, and whatever else keeps it from starting */
  readonly begin: (wish: TunnelWish) => Promise<TunnelRun>;
  readonly note: (text: string, level?: 'info' | 'error') => void;
  /** Of whoever is to end it should we be killed; made before the first start, and let go after the last end. */
  readonly guard: () => { release(): void };
  readonly timing?: TunnelTiming;
}

/** Keeps one tunnel alive for as long as somebody wants it. States: shared/tunnel.ts. */
export class TunnelSupervisor {
  readonly #deps: SupervisorDeps;
  readonly #timing: TunnelTiming;
  readonly #changed = new Emitter<TunnelState>();
  #state: TunnelState = { status: 'off' };
  #wish: TunnelWish | null = null;
  #run: TunnelRun | null = null;
  #restarts = 0;
  /** Grows with every wish of the person: what began under an older one ends silently. */
  #epoch = 0;
  #opening: Promise<void> = Promise.resolve();
  #stopping: Promise<void> | null = null;
  #cancelRetry: () => void = () => undefined;
  #guard: { release(): void } | null = null;

  constructor(deps: SupervisorDeps) {
    this.#deps = deps;
    this.#timing = deps.timing ?? TIMING;
  }

  get state(): TunnelState {
    return this.#state;
  }

  onChange(listener: (state: TunnelState) => void): () => void {
    return this.#changed.on(listener);
  }

  /**
   * Resolves when its program runs.
   * @throws EnsembleError('conflict') while one runs or ends, and what kept this one from starting
   */
  async start(wish: TunnelWish): Promise<void> {
    if (this.#run !== null || !['off', 'failed'].includes(this.#state.status)) throw alreadyOn();
    this.#wish = wish;
    this.#restarts = 0;
    this.#epoch += 1;
    const error = await this.#open();
    if (error !== null) throw error;
  }

  /** Ends the whole tree; resolves after the observed exit. Idempotent. */
  async stop(): Promise<void> {
    this.#epoch += 1;
    this.#wish = null;
    this.#cancelRetry();
    this.#stopping ??= this.#stopNow().finally(() => {
      this.#stopping = null;
    });
    await this.#stopping;
  }

  /** The same wish, anew: what it leads to is elsewhere now. */
  beginAnew(reason: string): void {
    const run = this.#run;
    if (run === null || this.#stopping !== null) return;
    run.verdict ??= { reason, remedy: null, retry: 'again', lines: [] };
    void run.end();
  }

  get target(): string | null {
    return this.#run?.start.target ?? null;
  }

  async #open(): Promise<unknown> {
    const wish = this.#wish;
    if (wish === null) return null;
    this.#apply({ type: 'begun', kind: wish.kind });
    this.#guard ??= this.#deps.guard();
    const opening = this.#launch(wish, this.#epoch);
    this.#opening = opening.then(() => undefined);
    return opening;
  }

  /** @returns what kept it from running; null when it runs or is unwanted by now */
  async #launch(wish: TunnelWish, epoch: number): Promise<unknown> {
    try {
      const run = await this.#deps.begin(wish);
      this.#run = run;
      void run.exited.then((exit) => this.#onExit(run, run.verdict ?? deathOf(run.lines, exit)));
      if (epoch === this.#epoch) void this.#watch(run);
      return null;
    } catch (error) {
      if (epoch === this.#epoch) this.#answer(deathBeforeBirth(error), null);
      return error;
    }
  }

  async #watch(run: TunnelRun): Promise<void> {
    const { clock } = this.#deps;
    const { eagerMs, calmMs, patienceMs } = this.#timing;
    const { signal } = run.gone;
    while (!signal.aborted) {
      const looked = (await run.look()) ?? { url: null, connections: 0 };
      if (signal.aborted || this.#stopping !== null) return;
      this.#apply({ type: 'looked', ...looked });
      const isUp = this.#state.status === 'up';
      if (isUp) run.upSince ??= clock.now();
      const since = 'since' in this.#state ? this.#state.since : clock.now();
      if (!isUp && clock.now() - since >= patienceMs) {
        run.verdict ??= neverReady(run.start.kind, Math.round(patienceMs / 1000), run.lines);
        await run.end();
        return;
      }
      await sleep(clock, isUp ? calmMs : eagerMs, signal).catch(() => undefined);
    }
  }

  #onExit(run: TunnelRun, death: TunnelDeath): void {
    run.unregister();
    if (this.#run === run) this.#run = null;
    if (this.#stopping !== null) return;
    this.#answer(death, run.upSince === null ? null : this.#deps.clock.now() - run.upSince);
  }

  #answer(death: TunnelDeath, readyMs: number | null): void {
    const { clock, random, note } = this.#deps;
    note(death.reason, 'error');
    const decision = decideRetry(death, readyMs, this.#restarts, random(), this.#timing.restart);
    this.#restarts = decision.restarts;
    if (decision.kind === 'give-up') {
      const { reason, remedy, lines } = death;
      this.#apply({ type: 'gave-up', failure: { reason, remedy, lines } });
      return;
    }
    const { delayMs } = decision;
    this.#apply({ type: 'crashed', reason: death.reason, delayMs, attempt: this.#restarts + 1 });
    this.#cancelRetry = clock.after(delayMs, () => void this.#open());
  }

  async #stopNow(): Promise<void> {
    this.#apply({ type: 'stopping' });
    await this.#opening;
    const run = this.#run;
    if (run !== null && !(await run.end())) {
      const reason = `cloudflared (process ${run.pid}) does not end.`;
      const failure = { reason, remedy: 'End it yourself: the tunnel may still be open.', lines: run.lines };
      this.#apply({ type: 'gave-up', failure });
      return;
    }
    await run?.exited;
    if (run !== null) this.#deps.note('Stopped.');
    this.#apply({ type: 'stopped' });
  }

  #apply(event: TunnelEvent): void {
    const before = this.#state;
    this.#state = nextTunnelState(before, event, this.#deps.clock.now());
    if (this.#state === before) return;
    if (this.#state.status === 'off' || (this.#state.status === 'failed' && this.#run === null)) {
      this.#guard?.release();
      this.#guard = null;
    }
    this.#changed.emit(this.#state);
  }
}

function alreadyOn(): EnsembleError {
  return new EnsembleError('conflict', 'The tunnel is on already.', 'Stop it first to start another one.');
}

/** Our own errors name what a person has to change; what the system says may pass. */
function deathBeforeBirth(error: unknown): TunnelDeath {
  if (!(error instanceof EnsembleError)) {
    const reason = `cloudflared could not be started: ${messageOf(error)}.`;
    return { reason, remedy: 'Look at Settings, “Tunnel”.', retry: 'never', lines: [] };
  }
  const isPassing = error.code === 'not-ready' || error.code === 'port-in-use';
  return {
    reason: error.message,
    remedy: error.hint,
    retry: isPassing ? 'again' : 'never',
    lines: [],
  };
}
