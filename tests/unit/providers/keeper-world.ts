import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../../electron/core/ports.ts';
import { LeaseStore } from '../../../electron/core/providers/lease-store.ts';
import type { LeasedWorkers } from '../../../electron/core/providers/leased-workers.ts';
import { ProviderSet } from '../../../electron/core/providers/provider-set.ts';
import { Providers } from '../../../electron/core/providers/providers.ts';
import type { Credentials, Lease, ProviderSettings, SpendCaps } from '../../../shared/providers.ts';
import { NO_CAPS } from '../../../shared/providers.ts';
import { FAKE_KEY, FakeRunPod } from '../../support/providers/fake-runpod.ts';

/** A thousand times as fast as the wall clock, which also can be set forward. */
class FastClock {
  #ahead = 0;
  readonly #start = Date.now();

  now(): number {
    return this.#start + (Date.now() - this.#start) * 1000 + this.#ahead;
  }

  after(ms: number, callback: () => void): () => void {
    return systemClock.after(ms / 1000, callback);
  }

  jump(ms: number): void {
    this.#ahead += ms;
  }
}

export const RUNPOD: ProviderSettings = {
  ...{
    id: 'runpod',
    kind: 'runpod',
    name: 'RunPod',
    readyMinutes: 1_000,
    image: 'org/comfyui:1',
    templateId: '',
  },
  ...{ startCommand: '', networkVolume: '', volumePath: '', cloud: 'SECURE', gpus: [], diskGb: 50 },
};
export const ORDER = {
  ...{ provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69 },
  ...{ ttlMinutes: 100_000, idleMinutes: 0 },
};

/** One control center's providers on a folder, with RunPod faked; it can die and begin again. */
export class KeeperWorld {
  readonly clock = new FastClock();
  readonly cards = new Map<string, string>();
  readonly busy = new Set<string>();
  readonly notices: string[] = [];
  /** Of the data folder; a dead control center writes nothing any more. */
  answers = true;
  settings: { providers: readonly ProviderSettings[]; spendCaps: SpendCaps } = {
    providers: [RUNPOD],
    spendCaps: NO_CAPS,
  };
  #providers: Providers | null = null;
  #store: LeaseStore | null = null;
  #next = 0;

  private constructor(
    readonly runpod: FakeRunPod,
    readonly folder: string,
  ) {}

  static async open(): Promise<KeeperWorld> {
    const world = new KeeperWorld(await FakeRunPod.open(), await mkdtemp(path.join(tmpdir(), 'keeper-')));
    await world.begin();
    return world;
  }

  get providers(): Providers {
    if (this.#providers === null) throw new Error('it is dead');
    return this.#providers;
  }

  get lease(): Lease {
    const [lease] = this.providers.state.leases;
    if (lease === undefined) throw new Error('no lease');
    return lease;
  }

  async begin(): Promise<void> {
    let isDead = false;
    const { clock } = this;
    const store = await LeaseStore.open(path.join(this.folder, 'leases.json'), {
      clock,
      newController: () => 'abcdefghij',
    });
    const credentials: Credentials = { apiKey: FAKE_KEY };
    const set = new ProviderSet({
      ...{ clock, random: () => 0.5, controller: store.value.controller, credentials: () => credentials },
      ...{ settings: () => this.settings.providers, platform: process.platform, home: this.folder },
      environment: { ENSEMBLE_RUNPOD_URL: this.runpod.url },
    });
    const providers = new Providers({
      ...{ clock, store, set, workers: this.#workers() },
      probe: async () => {
        if (!this.answers) throw new Error('502 Bad Gateway');
      },
      newKey: () => {
        this.#next += 1;
        return `k${this.#next}`;
      },
      tell: (_level, title) => {
        if (!isDead) this.notices.push(title);
      },
      settings: () => this.settings,
      save: async (change) => {
        this.settings = { ...this.settings, ...change };
      },
      secrets: { read: () => ({ apiKey: FAKE_KEY }), write: async () => {}, delete: async () => {} },
    });
    this.#store = store;
    this.#providers = providers;
    this.#kill = async () => {
      isDead = true;
      await providers.close();
      await store.idle();
    };
    providers.start();
  }

  #kill: () => Promise<void> = async () => {};

  /** As far as this process can die without dying: it asks nobody any more. */
  async die(): Promise<void> {
    await this.#kill();
    this.#providers = null;
  }

  /** Waits for the state, not for a time. */
  async until(look: (lease: Lease) => boolean): Promise<Lease> {
    const store = this.#store;
    if (store === null) throw new Error('it is dead');
    return new Promise((resolve) => {
      const check = (): boolean => {
        const [lease] = store.value.leases;
        if (lease === undefined || !look(lease)) return false;
        resolve(lease);
        return true;
      };
      if (check()) return;
      const stop = store.onChange(() => {
        if (check()) stop();
      });
    });
  }

  untilStatus(status: Lease['state']['status']): Promise<Lease> {
    return this.until((lease) => lease.state.status === status);
  }

  async close(): Promise<void> {
    await this.#kill();
    await this.runpod.close();
    await rm(this.folder, { recursive: true });
  }

  #workers(): LeasedWorkers {
    const { cards } = this;
    return {
      get carded() {
        return [...cards.keys()];
      },
      appear: async ({ id }, { url }) => {
        this.cards.set(id, url);
        return `worker-${id}`;
      },
      retire: async () => {},
      vanish: async (id) => {
        this.cards.delete(id);
      },
      isBusy: (id) => this.busy.has(id),
    };
  }
}
