import type { GpuSample, HostSample, TelemetrySample } from '../../shared/model.ts';
import { type Clock, Emitter } from './ports.ts';

/** The sparklines show 60 s. */
const KEPT = 60;

/** Joins the newest GPU and host figures into one row per tick and remembers the last minute for new pages. */
export class Telemetry {
  readonly #emitter = new Emitter<TelemetrySample>();
  #history: readonly TelemetrySample[] = [];
  #cancel: (() => void) | null = null;

  constructor(
    private readonly deps: {
      readonly clock: Clock;
      readonly intervalMs: () => number;
      readonly gpus: () => readonly GpuSample[];
      readonly host: () => HostSample;
    },
  ) {}

  get history(): readonly TelemetrySample[] {
    return this.#history;
  }

  onSample(listener: (sample: TelemetrySample) => void): () => void {
    return this.#emitter.on(listener);
  }

  start(): void {
    this.#cancel ??= this.deps.clock.after(this.deps.intervalMs(), () => {
      this.#cancel = null;
      this.#tick();
      this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }

  #tick(): void {
    const sample = { at: this.deps.clock.now(), gpus: this.deps.gpus(), host: this.deps.host() };
    this.#history = [...this.#history, sample].slice(-KEPT);
    this.#emitter.emit(sample);
  }
}
