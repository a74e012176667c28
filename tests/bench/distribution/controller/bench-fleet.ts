import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ComfyHttp } from '../../../../electron/core/comfy/http.ts';
import { InstanceMonitor } from '../../../../electron/core/comfy/monitor.ts';
import { FleetState } from '../../../../electron/core/fleet/fleet-state.ts';
import { silentLogger, systemClock } from '../../../../electron/core/ports.ts';
import type { RunFleet, RunFolders, RunServer } from '../../../../electron/core/runs/run-fleet.ts';
import {
  type FleetPatch,
  type InstanceId,
  type InstanceSnapshot,
  MASTER_ID,
} from '../../../../shared/model.ts';
import { instanceSnapshot } from '../../../support/fixtures.ts';

interface Member {
  readonly server: RunServer;
  readonly url: string;
}

/**
 * A fleet of addresses whose changes go the way that they go in the control center: from the monitors through the fleet's
 * state into patches. The first server is the master.
 */
export class BenchFleet implements RunFleet {
  readonly #members = new Map<InstanceId, Member>();
  readonly #state = new FleetState(
    {
      setup: { status: 'searching' },
      mode: 'participating',
      masterParticipates: false,
      gpuInventory: { status: 'searching' },
      gpus: [],
    },
    randomUUID(),
    systemClock,
    () => ({}),
  );

  constructor(
    urls: readonly string[],
    private readonly directory: string,
  ) {
    for (const [index, url] of urls.entries()) this.#add(index === 0 ? MASTER_ID : `worker-${index}`, url);
  }

  /** Resolves when every server answers. */
  async ready(): Promise<void> {
    for (const folder of Object.values(this.folders())) await mkdir(folder, { recursive: true });
    const isUp = ({ link, server }: InstanceSnapshot): boolean => link.status === 'up' && server !== null;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (!this.instances().every(isUp)) return;
        stop();
        resolve();
      };
      const stop = this.onChange(look);
      look();
    });
  }

  instances(): readonly InstanceSnapshot[] {
    return [...this.#members.values()].map(snapshotOf);
  }

  server(id: InstanceId): RunServer | null {
    return this.#members.get(id)?.server ?? null;
  }

  folders(): RunFolders {
    const folder = (name: string): string => path.join(this.directory, name);
    return {
      input: folder('input'),
      output: folder('output'),
      temp: folder('temp'),
      previews: folder('previews'),
    };
  }

  onChange(listener: () => void): () => void {
    return this.#state.onPatch(listener);
  }

  onPatch(listener: (patch: FleetPatch) => void): () => void {
    return this.#state.onPatch(listener);
  }

  tellRate(): void {}

  close(): void {
    for (const { server } of this.#members.values()) server.monitor.stop();
  }

  #add(id: InstanceId, url: string): void {
    const monitor = new InstanceMonitor({
      url,
      clock: systemClock,
      logger: silentLogger,
      random: Math.random,
    });
    const server: RunServer = {
      ...{ id, name: id, monitor, role: id === MASTER_ID ? 'master' : 'worker' },
      http: new ComfyHttp(url, { clock: systemClock }),
      ...{ sharesInput: false, sharesOutput: false, pathSeparator: '/', paid: false },
    };
    const member = { server, url };
    this.#members.set(id, member);
    monitor.onChange(() => this.#state.setInstance(snapshotOf(member)));
    monitor.start();
  }
}

function snapshotOf({ server, url }: Member): InstanceSnapshot {
  const { id, role, monitor } = server;
  const { link, server: info, queue, activity, preview, lastRunAt } = monitor.value;
  return instanceSnapshot({
    ...{ id, name: id, url, role, selected: role === 'worker', control: 'attached' },
    process: { status: 'stopped', since: 0 },
    ...{ link, server: info, queue, activity, preview, lastRunAt },
  });
}
