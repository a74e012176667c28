import type { InstanceId, InstanceSnapshot, TestPicture } from '../../../shared/model.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import type { ServerAddress } from '../comfy/server-address.ts';
import type { LogSource } from '../logs/log-source.ts';
import { Emitter } from '../ports.ts';
import type { InstanceDefinition } from './roster.ts';

/** What all instances show, whatever kind they are. */
type Shown = Pick<
  InstanceSnapshot,
  'link' | 'server' | 'queue' | 'activity' | 'preview' | 'lastRunAt' | 'picture' | 'imagesPerMinute'
>;

/** One ComfyUI server of the fleet, wherever it runs: its log, what its monitor sees, and the snapshot made of them. */
export abstract class Instance {
  abstract readonly log: LogSource;
  readonly #createMonitor: (address: ServerAddress) => InstanceMonitor;
  readonly #changed = new Emitter<void>();
  #monitor: InstanceMonitor | null = null;
  #monitoring = false;
  #picture: TestPicture | null = null;
  #imagesPerMinute: number | null = null;
  #stops = 0;

  constructor(createMonitor: (address: ServerAddress) => InstanceMonitor) {
    this.#createMonitor = createMonitor;
  }

  abstract get definition(): InstanceDefinition;
  abstract get address(): ServerAddress;
  abstract get control(): InstanceSnapshot['control'];
  abstract snapshot(): InstanceSnapshot;
  /** Of a server that others start and stop: EnsembleError('conflict'). */
  abstract start(): Promise<void>;
  abstract restart(): Promise<void>;
  protected abstract end(): Promise<void>;

  get id(): InstanceId {
    return this.definition.id;
  }

  async stop(): Promise<void> {
    this.#stops += 1;
    await this.end();
  }

  /** How often it was told to stop: a start of many that is still to come gives way to that. */
  get stops(): number {
    return this.#stops;
  }

  /** Another one after each restart of the server. */
  get monitor(): InstanceMonitor {
    this.#monitor ??= this.#newMonitor();
    return this.#monitor;
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  setPicture(picture: TestPicture): void {
    this.#picture = picture;
    if (picture.status === 'done' && picture.seconds !== null && picture.seconds > 0) {
      this.#imagesPerMinute = 60 / picture.seconds;
    }
    this.changed();
  }

  /** Pictures per minute of what it just computed. */
  setRate(perMinute: number): void {
    this.#imagesPerMinute = perMinute;
    this.changed();
  }

  /** Lets go of sockets and timers; a process is stopped or released by the fleet. */
  dispose(): void {
    this.followMonitor(false);
    this.log.stop();
  }

  protected changed(): void {
    this.#changed.emit();
  }

  protected shown(): Shown {
    const { link, server, queue, activity, preview, lastRunAt } = this.monitor.value;
    const [picture, imagesPerMinute] = [this.#picture, this.#imagesPerMinute];
    return { link, server, queue, activity, preview, lastRunAt, picture, imagesPerMinute };
  }

  protected followMonitor(wanted: boolean): void {
    if (wanted === this.#monitoring) return;
    this.#monitoring = wanted;
    if (wanted) this.monitor.start();
    else this.monitor.stop();
  }

  /** A fresh life of the server: nothing that the old one showed may linger on the card. */
  protected replaceMonitor(): void {
    this.followMonitor(false);
    this.#monitor = this.#newMonitor();
  }

  /** What else a kind of instance does when its monitor has something new. */
  protected onMonitor(): void {}

  #newMonitor(): InstanceMonitor {
    const monitor = this.#createMonitor(this.address);
    monitor.onChange(() => {
      this.onMonitor();
      this.changed();
    });
    return monitor;
  }
}
