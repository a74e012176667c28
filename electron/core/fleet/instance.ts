import { isAlive, pidOf } from '../../../shared/lifecycle.ts';
import type { InstanceSnapshot, PlacementCheck, TestPicture } from '../../../shared/model.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import type { InstanceLog } from '../logs/instance-log.ts';
import { Emitter } from '../ports.ts';
import type { ManagedProcess } from '../supervisor/managed-process.ts';
import type { ProcessRecord } from '../supervisor/registry.ts';
import type { InstanceDefinition } from './roster.ts';

export const LOCAL_HOST = '127.0.0.1';

export function localUrl(port: number): string {
  return `http://${LOCAL_HOST}:${port}`;
}

export interface InstanceParts {
  readonly log: InstanceLog;
  /** Built once per instance; it asks `definition` for the port and plan at each start. */
  readonly createProcess: (definition: () => InstanceDefinition, log: InstanceLog) => ManagedProcess;
  readonly createMonitor: (url: string) => InstanceMonitor;
  readonly gpuUuidOf: (definition: InstanceDefinition) => string | null;
  readonly simulated: boolean;
}

/** One local ComfyUI server: its process, its log, what its monitor sees, and the snapshot made of them. */
export class Instance {
  readonly process: ManagedProcess;
  readonly log: InstanceLog;
  readonly #parts: InstanceParts;
  readonly #changed = new Emitter<void>();
  #definition: InstanceDefinition;
  #control: InstanceSnapshot['control'] = 'managed';
  #monitor: InstanceMonitor;
  #monitoring = false;
  #placement: PlacementCheck = { status: 'not-applicable' };
  #picture: TestPicture | null = null;
  #imagesPerMinute: number | null = null;
  #stops = 0;

  constructor(definition: InstanceDefinition, parts: InstanceParts) {
    this.#definition = definition;
    this.#parts = parts;
    this.log = parts.log;
    this.process = parts.createProcess(() => this.#definition, parts.log);
    this.#monitor = this.#newMonitor();
    this.process.onChange(() => this.#onProcess());
  }

  get id(): string {
    return this.#definition.id;
  }

  get definition(): InstanceDefinition {
    return this.#definition;
  }

  get control(): InstanceSnapshot['control'] {
    return this.#control;
  }

  get monitor(): InstanceMonitor {
    return this.#monitor;
  }

  get url(): string {
    return localUrl(this.#definition.port);
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  /** Uses a server that somebody else started on our port, and never stops it. */
  attach(): void {
    this.#control = 'attached';
    this.#followMonitor(true);
    this.#changed.emit();
  }

  async adopt(record: ProcessRecord): Promise<boolean> {
    this.log.start();
    return this.process.adopt(record);
  }

  /** Of an attached server that has ended nothing is left to respect: its place is taken by one of ours. */
  async start(): Promise<void> {
    if (this.#control === 'attached' && this.#monitor.value.link.status !== 'down') return;
    this.#control = 'managed';
    this.log.start();
    await this.process.start();
  }

  async stop(): Promise<void> {
    this.#stops += 1;
    if (this.#control === 'managed') await this.process.stop();
  }

  /** How often it was told to stop: a start of many that is still to come gives way to that. */
  get stops(): number {
    return this.#stops;
  }

  async restart(): Promise<void> {
    if (this.#control === 'managed') await this.process.restart();
  }

  /** New settings: name and selection at once, port, device and arguments at the next start. */
  update(definition: InstanceDefinition): void {
    const moved = definition.port !== this.#definition.port;
    this.#definition = definition;
    if (moved && !isAlive(this.process.state)) this.#replaceMonitor();
    this.#changed.emit();
  }

  setPlacement(placement: PlacementCheck): void {
    this.#placement = placement;
    this.#changed.emit();
  }

  setPicture(picture: TestPicture): void {
    this.#picture = picture;
    if (picture.status === 'done' && picture.seconds !== null && picture.seconds > 0) {
      this.#imagesPerMinute = 60 / picture.seconds;
    }
    this.#changed.emit();
  }

  /** Pictures per minute of what it just computed. */
  setRate(perMinute: number): void {
    this.#imagesPerMinute = perMinute;
    this.#changed.emit();
  }

  get pid(): number | null {
    return this.#control === 'managed' ? pidOf(this.process.state) : null;
  }

  get expectedGpu(): string | null {
    return this.#parts.gpuUuidOf(this.#definition);
  }

  snapshot(): InstanceSnapshot {
    const { id, role, name, port, device, extraArgs, selected } = this.#definition;
    const { link, server, queue, activity, preview, lastRunAt } = this.#monitor.value;
    return {
      id,
      role,
      type: 'local',
      name,
      host: LOCAL_HOST,
      port,
      url: this.url,
      device,
      gpuUuid: this.expectedGpu,
      extraArgs,
      selected,
      control: this.#control,
      process: this.process.state,
      link,
      server,
      queue,
      activity,
      preview,
      placement: this.#placement,
      picture: this.#picture,
      lastRunAt,
      imagesPerMinute: this.#imagesPerMinute,
      simulated: this.#parts.simulated,
    };
  }

  /** Lets go of sockets and timers; the process is stopped or released by the fleet. */
  dispose(): void {
    this.#followMonitor(false);
    this.log.stop();
  }

  #onProcess(): void {
    const { status } = this.process.state;
    this.#followMonitor(status === 'ready' || status === 'unresponsive');
    if (status === 'starting') {
      this.#replaceMonitor();
      this.#placement = this.expectedGpu === null ? { status: 'not-applicable' } : { status: 'pending' };
    }
    this.#changed.emit();
  }

  #followMonitor(wanted: boolean): void {
    if (wanted === this.#monitoring) return;
    this.#monitoring = wanted;
    if (wanted) this.#monitor.start();
    else this.#monitor.stop();
  }

  #newMonitor(): InstanceMonitor {
    const monitor = this.#parts.createMonitor(this.url);
    monitor.onChange(() => this.#changed.emit());
    return monitor;
  }

  /** A fresh life of the server: nothing that the old one showed may linger on the card. */
  #replaceMonitor(): void {
    this.#followMonitor(false);
    this.#monitor = this.#newMonitor();
  }
}
