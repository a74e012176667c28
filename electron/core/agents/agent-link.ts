import type { AgentLinkState, AgentSettings } from '../../../shared/agents.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import {
  beginFetch,
  type FleetSync,
  NOTHING_KNOWN,
  receivePatch,
  receiveSnapshot,
} from '../../../shared/fleet-sync.ts';
import type { GpuInfo, GpuSample, InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import { type Clock, Emitter, type Logger } from '../ports.ts';
import type { AgentConnection, ConnectionState } from './agent-connection.ts';

/** Before a snapshot that did not come is asked for again. */
const AGAIN_MS = 1_000;

export interface AgentLinkDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One paired machine: follows its fleet and GPUs for as long as it can be reached, and remembers what it saw last. */
export class AgentLink {
  readonly #deps: AgentLinkDeps;
  readonly #changed = new Emitter<void>();
  #agent: AgentSettings;
  #connection: AgentConnection;
  #stop: readonly (() => void)[] = [];
  #sync: FleetSync = NOTHING_KNOWN;
  #samples: readonly GpuSample[] = [];
  #state: AgentLinkState;
  #isOpen = false;
  #fetching: AbortController | null = null;
  #cancelAgain: () => void = () => {};

  /** Begins at once. */
  constructor(agent: AgentSettings, connection: AgentConnection, deps: AgentLinkDeps) {
    this.#deps = deps;
    this.#agent = agent;
    this.#connection = connection;
    this.#state = { status: 'connecting', since: deps.clock.now() };
    this.#begin();
  }

  get id(): string {
    return this.#agent.id;
  }

  get agent(): AgentSettings {
    return this.#agent;
  }

  get connection(): AgentConnection {
    return this.#connection;
  }

  /** It was paired anew, or is somewhere else now: whoever holds this link goes on with it. */
  reconnect(agent: AgentSettings, connection: AgentConnection): void {
    this.close();
    this.#agent = agent;
    this.#connection = connection;
    this.#setState('connecting', '');
    this.#begin();
  }

  get state(): AgentLinkState {
    return this.#state;
  }

  /** A sentence that says why nothing can be asked of it now; null when it can. */
  get unreachable(): string | null {
    const { name } = this.#agent;
    switch (this.#state.status) {
      case 'online':
        return null;
      case 'connecting':
        return `${name} is being connected to.`;
      default:
        return `${name} cannot be reached: ${this.#state.reason}`;
    }
  }

  /** As it was last told; null when it never was, or it is gone there. */
  instance(id: InstanceId): InstanceSnapshot | null {
    return this.instances.find((instance) => instance.id === id) ?? null;
  }

  get instances(): readonly InstanceSnapshot[] {
    return this.#sync.snapshot?.instances ?? [];
  }

  /** Named so that no other machine has a GPU of that name: simulated ones are called alike everywhere. */
  get gpus(): readonly GpuInfo[] {
    return (this.#sync.snapshot?.gpus ?? []).map((gpu) => ({ ...gpu, uuid: this.#unique(gpu.uuid) }));
  }

  gpuOf(id: InstanceId): GpuInfo | null {
    const uuid = this.instance(id)?.gpuUuid ?? null;
    return uuid === null ? null : (this.gpus.find((gpu) => gpu.uuid === this.#unique(uuid)) ?? null);
  }

  /** Empty while it cannot be reached: old readings are none. */
  get samples(): readonly GpuSample[] {
    if (this.#state.status !== 'online') return [];
    return this.#samples.map((sample) => ({ ...sample, uuid: this.#unique(sample.uuid) }));
  }

  /** Its state, its instances or its GPUs. */
  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  close(): void {
    this.#letGoOfFetch();
    for (const stop of this.#stop) stop();
    this.#isOpen = false;
    this.#connection.close();
  }

  #begin(): void {
    this.#stop = [
      this.#connection.onState((state) => this.#onConnection(state)),
      this.#connection.subscribe('fleet', (patch) => this.#take(receivePatch(this.#sync, patch))),
      this.#connection.subscribe('telemetry', ({ gpus }) => {
        this.#samples = gpus;
      }),
    ];
    this.#connection.open();
  }

  #unique(uuid: string): string {
    return `${this.id}/${uuid}`;
  }

  #onConnection(state: ConnectionState): void {
    this.#isOpen = state.status === 'open';
    if (state.status === 'open') {
      // Whatever was said while nobody listened is in the snapshot.
      this.#sync = { ...this.#sync, stale: true };
      void this.#fetch();
      return;
    }
    this.#letGoOfFetch();
    this.#setState(state.refused ? 'refused' : 'offline', state.reason);
  }

  /** Subscribed first, then fetched: nothing is missed in between. */
  async #fetch(): Promise<void> {
    if (this.#fetching !== null || !this.#isOpen) return;
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#sync = beginFetch(this.#sync);
    try {
      const snapshot = await this.#connection.invoke('fleet.snapshot', {}, fetching.signal);
      if (this.#fetching !== fetching) return;
      this.#fetching = null;
      this.#setState('online', '');
      this.#take(receiveSnapshot(this.#sync, snapshot));
    } catch (error) {
      if (this.#fetching !== fetching) return;
      this.#fetching = null;
      this.#deps.logger.debug('an agent did not tell its fleet', { reason: messageOf(error) });
      this.#setState('offline', messageOf(error));
      this.#cancelAgain = this.#deps.clock.after(AGAIN_MS, () => void this.#fetch());
    }
  }

  /** Of a connection that has ended nothing more is believed, and the next one must not wait for it. */
  #letGoOfFetch(): void {
    this.#cancelAgain();
    this.#fetching?.abort(new EnsembleError('disconnected', `The connection to ${this.agent.name} ended.`));
    this.#fetching = null;
  }

  #take(sync: FleetSync): void {
    const before = this.#sync.snapshot;
    this.#sync = sync;
    if (sync.stale) void this.#fetch();
    if (sync.snapshot !== before) this.#changed.emit();
  }

  #setState(status: AgentLinkState['status'], reason: string): void {
    const before = this.#state;
    const same = before.status === status && (!('reason' in before) || before.reason === reason);
    if (same) return;
    const since = before.status === status ? before.since : this.#deps.clock.now();
    this.#state =
      status === 'offline' || status === 'refused' ? { status, since, reason } : { status, since };
    this.#changed.emit();
  }
}
