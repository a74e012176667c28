import { isAlive, pidOf } from '../../../shared/lifecycle.ts';
import type { InstanceSnapshot, PlacementCheck } from '../../../shared/model.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import type { ServerAddress } from '../comfy/server-address.ts';
import type { InstanceLog } from '../logs/instance-log.ts';
import type { ManagedProcess } from '../supervisor/managed-process.ts';
import type { ProcessRecord } from '../supervisor/registry.ts';
import { Instance } from './instance.ts';
import type { LocalDefinition } from './roster.ts';

export const LOCAL_HOST = '127.0.0.1';

export function localUrl(port: number): string {
  return `http://${LOCAL_HOST}:${port}`;
}

export interface LocalInstanceParts {
  readonly log: InstanceLog;
  /** Built once per instance; it asks `definition` for the port and plan at each start. */
  readonly createProcess: (definition: () => LocalDefinition, log: InstanceLog) => ManagedProcess;
  readonly createMonitor: (address: ServerAddress) => InstanceMonitor;
  readonly gpuUuidOf: (definition: LocalDefinition) => string | null;
  readonly simulated: boolean;
}

/** A ComfyUI server on this machine, with its process. */
export class LocalInstance extends Instance {
  override readonly log: InstanceLog;
  readonly process: ManagedProcess;
  readonly #parts: LocalInstanceParts;
  #definition: LocalDefinition;
  #control: InstanceSnapshot['control'] = 'managed';
  #placement: PlacementCheck = { status: 'not-applicable' };

  constructor(definition: LocalDefinition, parts: LocalInstanceParts) {
    super(parts.createMonitor);
    this.#definition = definition;
    this.#parts = parts;
    this.log = parts.log;
    this.process = parts.createProcess(() => this.#definition, parts.log);
    this.process.onChange(() => this.#onProcess());
  }

  override get definition(): LocalDefinition {
    return this.#definition;
  }

  override get control(): InstanceSnapshot['control'] {
    return this.#control;
  }

  override get address(): ServerAddress {
    return { url: localUrl(this.#definition.port) };
  }

  /** Uses a server that somebody else started on our port, and never stops it. */
  attach(): void {
    this.#control = 'attached';
    this.followMonitor(true);
    this.changed();
  }

  async adopt(record: ProcessRecord): Promise<boolean> {
    this.log.start();
    return this.process.adopt(record);
  }

  /** Of an attached server that has ended nothing is left to respect: its place is taken by one of ours. */
  override async start(): Promise<void> {
    if (this.#control === 'attached' && this.monitor.value.link.status !== 'down') return;
    this.#control = 'managed';
    this.log.start();
    await this.process.start();
  }

  protected override async end(): Promise<void> {
    if (this.#control === 'managed') await this.process.stop();
  }

  override async restart(): Promise<void> {
    if (this.#control === 'managed') await this.process.restart();
  }

  /** New settings: name and selection at once, port, device and arguments at the next start. */
  update(definition: LocalDefinition): void {
    const moved = definition.port !== this.#definition.port;
    this.#definition = definition;
    if (moved && !isAlive(this.process.state)) this.replaceMonitor();
    this.changed();
  }

  setPlacement(placement: PlacementCheck): void {
    this.#placement = placement;
    this.changed();
  }

  get pid(): number | null {
    return this.#control === 'managed' ? pidOf(this.process.state) : null;
  }

  get expectedGpu(): string | null {
    return this.#parts.gpuUuidOf(this.#definition);
  }

  override snapshot(): InstanceSnapshot {
    return {
      ...this.#definition,
      ...this.shown(),
      host: LOCAL_HOST,
      url: this.address.url,
      gpuUuid: this.expectedGpu,
      control: this.#control,
      process: this.process.state,
      placement: this.#placement,
      simulated: this.#parts.simulated,
      remote: null,
    };
  }

  #onProcess(): void {
    const { status } = this.process.state;
    this.followMonitor(status === 'ready' || status === 'unresponsive');
    if (status === 'starting') {
      this.replaceMonitor();
      this.#placement = this.expectedGpu === null ? { status: 'not-applicable' } : { status: 'pending' };
    }
    this.changed();
  }
}
