import type { ProcessState } from '../../../shared/lifecycle.ts';
import type { GpuInfo, GpuSample, InstanceId } from '../../../shared/model.ts';
import type { Keeper } from '../fleet/keeper.ts';
import type { LogSource } from '../logs/log-source.ts';
import type { Clock } from '../ports.ts';
import type { AgentLink } from './agent-link.ts';
import { AgentLog } from './agent-log.ts';

/** One instance of an agent, as its worker here sees it. */
export class AgentKeeper implements Keeper {
  readonly log: LogSource;
  readonly #link: AgentLink;
  readonly #instance: InstanceId;
  readonly #createdAt: number;

  constructor(link: AgentLink, instance: InstanceId, clock: Clock) {
    this.#link = link;
    this.#instance = instance;
    this.#createdAt = clock.now();
    this.log = new AgentLog({ instance, connection: () => link.connection, clock });
  }

  get process(): ProcessState {
    return this.#link.instance(this.#instance)?.process ?? { status: 'stopped', since: this.#createdAt };
  }

  get gpu(): GpuInfo | null {
    return this.#link.gpuOf(this.#instance);
  }

  get sample(): GpuSample | null {
    const uuid = this.gpu?.uuid;
    return this.#link.samples.find((sample) => sample.uuid === uuid) ?? null;
  }

  get unreachable(): string | null {
    const { agent, state, unreachable } = this.#link;
    if (unreachable !== null) return unreachable;
    if (state.status !== 'online' || this.#link.instance(this.#instance) !== null) return null;
    return `${agent.name} has no instance “${this.#instance}” any more: remove this worker.`;
  }

  onChange(listener: () => void): () => void {
    return this.#link.onChange(listener);
  }

  async start(): Promise<void> {
    await this.#link.connection.invoke('instance.start', { id: this.#instance });
  }

  async stop(): Promise<void> {
    await this.#link.connection.invoke('instance.stop', { id: this.#instance });
  }

  async restart(): Promise<void> {
    await this.#link.connection.invoke('instance.restart', { id: this.#instance });
  }
}
