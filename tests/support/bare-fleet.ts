import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ComfyHttp } from '../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../electron/core/comfy/monitor.ts';
import { type Clock, Emitter, silentLogger, systemClock } from '../../electron/core/ports.ts';
import type { RunFleet, RunFolders, RunServer } from '../../electron/core/runs/run-fleet.ts';
import type { InstanceId, InstanceSnapshot } from '../../shared/model.ts';
import { instanceSnapshot } from './fixtures.ts';

export interface BareServer {
  readonly id: InstanceId;
  readonly url: string;
  /** Reads the fleet's own input folder. */
  readonly sharesInput?: boolean;
  readonly selected?: boolean;
}

interface Member {
  readonly server: BareServer;
  readonly monitor: InstanceMonitor;
  readonly http: ComfyHttp;
}

/** A fleet of servers that somebody else started: no processes, only addresses. The first is the master. */
export class BareFleet implements RunFleet {
  readonly #members = new Map<InstanceId, Member>();
  readonly #changed = new Emitter<void>();
  readonly rates = new Map<InstanceId, number>();
  readonly #clock: Clock;

  constructor(
    servers: readonly BareServer[],
    private readonly directory: string,
    clock: Clock = systemClock,
  ) {
    this.#clock = clock;
    for (const server of servers) this.add(server);
  }

  /** Replaces one of that id: another life of it. */
  add(server: BareServer): void {
    this.#members.get(server.id)?.monitor.stop();
    const deps = { url: server.url, clock: this.#clock, logger: silentLogger, random: Math.random };
    const monitor = new InstanceMonitor(deps);
    const http = new ComfyHttp(server.url, { clock: this.#clock });
    this.#members.set(server.id, { server, monitor, http });
    monitor.onChange(() => this.#changed.emit());
    monitor.start();
    this.#changed.emit();
  }

  select(id: InstanceId, selected: boolean): void {
    const member = this.#members.get(id);
    if (member !== undefined) this.#members.set(id, { ...member, server: { ...member.server, selected } });
    this.#changed.emit();
  }

  /** Resolves when every server answers. */
  async ready(): Promise<this> {
    await this.until(() => this.instances().every(({ link }) => link.status === 'up'));
    return this;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!condition()) return;
        stop();
        resolve();
      };
      const stop = this.#changed.on(look);
      look();
    });
  }

  instances(): readonly InstanceSnapshot[] {
    return [...this.#members.values()].map(({ server, monitor }, index) => {
      const { link, server: info, queue, activity, preview, lastRunAt } = monitor.value;
      return instanceSnapshot({
        ...{ id: server.id, name: server.id, url: server.url, selected: server.selected ?? true },
        role: index === 0 ? 'master' : 'worker',
        control: 'attached',
        process: { status: 'stopped', since: 0 },
        ...{ link, server: info, queue, activity, preview, lastRunAt },
      });
    });
  }

  server(id: InstanceId): RunServer | null {
    const member = this.#members.get(id);
    if (member === undefined) return null;
    const { server, monitor, http } = member;
    const isMaster = this.#members.keys().next().value === id;
    return {
      id,
      name: id,
      role: isMaster ? 'master' : 'worker',
      http,
      monitor,
      sharesInput: server.sharesInput ?? false,
      sharesOutput: false,
      pathSeparator: '/',
      paid: false,
    };
  }

  folders(): RunFolders {
    return {
      input: path.join(this.directory, 'input'),
      output: path.join(this.directory, 'output'),
      temp: path.join(this.directory, 'temp'),
      previews: path.join(this.directory, 'previews'),
    };
  }

  async makeFolders(): Promise<void> {
    for (const folder of Object.values(this.folders())) await mkdir(folder, { recursive: true });
  }

  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  tellRate(id: InstanceId, perMinute: number): void {
    this.rates.set(id, perMinute);
  }

  close(): void {
    for (const { monitor } of this.#members.values()) monitor.stop();
  }
}
