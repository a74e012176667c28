import { EnsembleError } from '../../../shared/errors.ts';
import type { GpuInfo, GpuInventoryState, GpuSample } from '../../../shared/model.ts';
import { type Clock, Emitter, type Logger, sleep } from '../ports.ts';
import type { RunCommand } from '../programs/run-command.ts';
import { HANGING, NO_NVIDIA_SMI, type SmiFailure } from './failure.ts';
import { type InventoryResult, queryInventory, SMI_TIMEOUT_MS, type SmiCommand } from './inventory-query.ts';
import { parseComputeProcesses } from './nvidia-smi.ts';
import { type StreamCommand, streamCommand } from './smi-stream.ts';
import { type FollowEnd, type FollowOptions, followPolls, followStream } from './telemetry-source.ts';
import { samplesOf } from './telemetry-tick.ts';

export { runCommand } from '../programs/run-command.ts';
export type { SmiCommand } from './inventory-query.ts';

export interface GpuInventoryDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** null = there is no nvidia-smi. */
  readonly locate: () => Promise<SmiCommand | null>;
  readonly run: RunCommand;
  readonly intervalMs: () => number;
  readonly stream?: StreamCommand;
}

type FoundGpus = Extract<InventoryResult, { ok: true }>;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** Streams that ended without a single tick before one process per tick is used instead. */
const BARREN_STREAMS = 2;

/** Which GPUs there are, and how they fare: found at the start, followed while it lasts, looked for again after failures. */
export class GpuInventory {
  readonly #inventory = new Emitter<void>();
  readonly #sample = new Emitter<readonly GpuSample[]>();
  readonly #stream: StreamCommand;
  #state: GpuInventoryState = { status: 'searching' };
  #gpus: readonly GpuInfo[] = [];
  #samples: readonly GpuSample[] = [];
  #smi: SmiCommand | null = null;
  #parents: ReadonlyMap<string, string> = new Map();
  #running: Promise<void> | null = null;
  #stopped = true;
  #interrupt = new AbortController();
  #rescans: (() => void)[] = [];
  /** Failures in a row, reset by a good tick. */
  #failures = 0;
  #barrenStreams = 0;

  constructor(private readonly deps: GpuInventoryDeps) {
    this.#stream = deps.stream ?? streamCommand;
  }

  get state(): GpuInventoryState {
    return this.#state;
  }

  /** In nvidia-smi's order; one that disappeared stays, with health "lost", until a rescan. */
  get gpus(): readonly GpuInfo[] {
    return this.#gpus;
  }

  /** The latest figures; empty while nvidia-smi fails. */
  get samples(): readonly GpuSample[] {
    return this.#samples;
  }

  /** Called after `state` or `gpus` changed. */
  onInventory(listener: () => void): () => void {
    return this.#inventory.on(listener);
  }

  onSample(listener: (samples: readonly GpuSample[]) => void): () => void {
    return this.#sample.on(listener);
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    const previous = this.#running ?? Promise.resolve();
    this.#running = previous.then(() => this.#loop());
  }

  /** Ends the running nvidia-smi; nothing is emitted afterwards. */
  stop(): void {
    this.#stopped = true;
    this.#interrupt.abort();
    for (const done of this.#rescans.splice(0)) done();
  }

  /** Forgets lost GPUs and looks again; resolves when the look is done. Starts when not started. */
  rescan(): Promise<void> {
    const done = new Promise<void>((resolve) => this.#rescans.push(resolve));
    this.#interrupt.abort();
    this.start();
    return done;
  }

  /**
   * Which processes compute where: pid → GPU UUIDs. Processes on MIG instances are left out, as the driver only names
   * their card.
   * @throws EnsembleError('unavailable' | 'timeout')
   */
  async computeProcesses(): Promise<ReadonlyMap<number, readonly string[]>> {
    const smi = this.#smi;
    if (smi === null || this.#state.status !== 'ok') {
      throw new EnsembleError('unavailable', 'nvidia-smi is not there to tell which process computes where.');
    }
    const query = ['--query-compute-apps=pid,gpu_uuid', '--format=csv,noheader'];
    const result = await this.deps.run(smi, query, { timeoutMs: SMI_TIMEOUT_MS });
    if (result.timedOut) throw new EnsembleError('timeout', HANGING.message, HANGING.hint);
    if (result.code !== 0) {
      throw new EnsembleError('unavailable', 'nvidia-smi does not tell which process computes where.');
    }
    const cards = new Set(this.#parents.values());
    const processes = parseComputeProcesses(result.stdout);
    return new Map([...processes].filter(([, uuids]) => !uuids.some((uuid) => cards.has(uuid))));
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      this.#interrupt = new AbortController();
      const { signal } = this.#interrupt;
      const rescans = this.#rescans.splice(0);
      if (rescans.length > 0) this.#failures = 0;
      const found = await this.#look(rescans.length > 0 ? [] : this.#gpus);
      for (const done of rescans) done();
      const end = found === null || this.#stopped ? 'silent' : await this.#follow(found, signal);
      if (end !== 'interval' && end !== 'aborted') await this.#pause(signal);
    }
  }

  /** @returns null when there is nothing to follow; the state then says why */
  async #look(known: readonly GpuInfo[]): Promise<FoundGpus | null> {
    const smi = await this.deps.locate().catch(() => null);
    if (this.#stopped) return null;
    if (smi === null) return this.#fail(NO_NVIDIA_SMI);
    const result = await queryInventory(smi, this.deps.run, known);
    if (this.#stopped) return null;
    this.#smi = smi;
    if (!result.ok) return this.#fail(result.failure);
    this.#parents = result.parents;
    this.#set({ status: 'ok', command: smi.command.join(' '), driver: result.driver }, result.gpus);
    return result;
  }

  async #follow(found: FoundGpus, signal: AbortSignal): Promise<FollowEnd> {
    const smi = this.#smi;
    if (smi === null || found.physical.length === 0) return 'silent';
    let ticks = 0;
    const options: FollowOptions = {
      smi,
      expected: new Set(found.physical),
      ids: found.gpus.some((gpu) => gpu.health === 'lost') ? found.physical : null,
      intervalMs: this.deps.intervalMs,
      clock: this.deps.clock,
      signal,
      onTick: (tick) => {
        ticks += 1;
        this.#failures = 0;
        this.#samples = samplesOf(this.#gpus, this.#parents, tick);
        this.#sample.emit(this.#samples);
      },
    };
    const streams = this.#barrenStreams < BARREN_STREAMS;
    const end = streams
      ? await followStream(options, this.#stream)
      : await followPolls(options, this.deps.run);
    if (ticks > 0) this.#barrenStreams = streams ? 0 : this.#barrenStreams;
    else if (streams && end === 'silent') this.#barrenStreams += 1;
    if (end === 'silent') {
      this.#samples = [];
      this.deps.logger.warn('nvidia-smi stopped telling', { command: smi.command.join(' '), ticks });
    }
    return end;
  }

  #fail(failure: SmiFailure): null {
    this.#samples = [];
    this.#set({ status: 'unavailable', ...failure }, this.#gpus);
    return null;
  }

  /** Waits longer after every failure in a row; a rescan or stop cuts it short. */
  async #pause(signal: AbortSignal): Promise<void> {
    const ms = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures += 1;
    // An aborted wait only means that the next look comes at once.
    await sleep(this.deps.clock, ms, signal).catch(() => undefined);
  }

  #set(state: GpuInventoryState, gpus: readonly GpuInfo[]): void {
    const before = JSON.stringify([this.#state, this.#gpus]);
    this.#state = state;
    this.#gpus = gpus;
    if (JSON.stringify([state, gpus]) === before) return;
    if (state.status === 'unavailable') this.deps.logger.warn(state.message);
    this.#inventory.emit();
  }
}
