import type { InstanceSnapshot } from '../../../shared/model.ts';
import { exchange } from '../comfy/exchange.ts';
import type { Clock } from '../ports.ts';
import type { RunFleet } from '../runs/run-fleet.ts';
import type { Upstream } from './http/proxy.ts';

const QUICK_MS = 5_000;
const SLOW_MS = 60_000;
const MAX_BYTES = 256 * 1_048_576;

export interface Said {
  readonly instance: InstanceSnapshot;
  readonly text: string;
}

/** Asks servers of the fleet what their clients ask the gateway. */
export class FleetQuestions {
  constructor(
    readonly fleet: Pick<RunFleet, 'instances'>,
    readonly clock: Clock,
  ) {}

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
  async get({ url }: InstanceSnapshot, path: string, slow = false): Promise<string | null> {
    const reply = await exchange({
      ...{ url: new URL(`${url}${path}`), method: 'GET', clock: this.clock, signal: null },
      ...{ timeoutMs: slow ? SLOW_MS : QUICK_MS, maxBytes: MAX_BYTES },
    });
    return reply.status === 200 ? reply.body.toString('utf8') : null;
  }

  async postToAll(path: string, json: unknown): Promise<void> {
    await Promise.allSettled(
      this.up.map(({ url }) =>
        exchange({
          ...{ url: new URL(`${url}${path}`), method: 'POST', json, clock: this.clock, signal: null },
          ...{ timeoutMs: QUICK_MS, maxBytes: MAX_BYTES },
        }),
      ),
    );
  }
}
