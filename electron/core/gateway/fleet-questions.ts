import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import type { ComfyHttp } from '../comfy/http.ts';
import type { RunFleet } from '../runs/run-fleet.ts';
import type { Upstream } from './http/proxy.ts';

export interface Said {
  readonly instance: InstanceSnapshot;
  readonly text: string;
}

/** Asks servers of the fleet what their clients ask the gateway. */
export class FleetQuestions {
  constructor(readonly fleet: Pick<RunFleet, 'instances' | 'server'>) {}

  get master(): InstanceSnapshot | null {
    return this.fleet.instances().find(({ role }) => role === 'master') ?? null;
  }

  /** null while the fleet is still being set up. */
  get upstream(): Upstream | null {
    const { master } = this;
    return master === null ? null : { url: master.url, name: master.name };
  }

  /** Those that answer at all, the master first. */
  get up(): readonly InstanceSnapshot[] {
    return this.fleet.instances().filter(({ link }) => link.status === 'up');
  }

  /** What each server that is up answers; those that do not are left out. */
  async all(path: string, slow = false): Promise<readonly Said[]> {
    const said = await Promise.all(
      this.up.map(async (instance): Promise<readonly Said[]> => {
        const text = await this.get(instance, path, slow).catch(() => null);
        return text === null ? [] : [{ instance, text }];
      }),
    );
    return said.flat();
  }

  /** @throws EnsembleError when it does not answer */
  async get({ id }: InstanceSnapshot, path: string, slow = false): Promise<string | null> {
    return (await this.#clientOf(id)?.text(path, slow)) ?? null;
  }

  async postToAll(path: string, json: unknown): Promise<void> {
    await Promise.allSettled(this.up.map(({ id }) => this.#clientOf(id)?.post(path, json)));
  }

  /** With what opens it: some servers ask for more than their address. */
  #clientOf(id: InstanceId): ComfyHttp | null {
    return this.fleet.server(id)?.http ?? null;
  }
}
