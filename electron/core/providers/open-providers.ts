import { randomInt } from 'node:crypto';
import type { ActiveFleet } from '../active-fleet.ts';
import { ComfyHttp } from '../comfy/http.ts';
import type { Notices } from '../notices.ts';
import type { Clock } from '../ports.ts';
import type { DataDirectory } from '../settings/data-directory.ts';
import { type Keychain, Secrets } from '../settings/secrets.ts';
import type { SettingsStore } from '../settings/store.ts';
import { FleetWorkers } from './fleet-workers.ts';
import { LeaseStore } from './lease-store.ts';
import type { LeaseAddress } from './provider.ts';
import { ProviderSet } from './provider-set.ts';
import { Providers, secretsOf } from './providers.ts';

export interface OpenProvidersDeps {
  readonly directory: DataDirectory;
  readonly store: SettingsStore;
  readonly keychain: Keychain | null;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  /** null while there is none. */
  readonly active: () => ActiveFleet | null;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const NAME_LENGTH = 10;
/** Some class that every ComfyUI has: that it can be told means that its nodes are loaded. */
const PROBED_CLASS = 'LoadImage';

export async function openProviders(deps: OpenProvidersDeps): Promise<Providers> {
  const { directory, store, keychain, notices, clock, environment, platform, home } = deps;
  const secrets = await Secrets.open(directory.file('provider-secrets.json'), keychain);
  for (const problem of secrets.problems)
    notices.add('warning', 'A secret of a provider is not there', problem);
  const leases = await LeaseStore.open(directory.file('leases.json'), { clock, newController: newName });
  const set = new ProviderSet({
    ...{ clock, random: Math.random, environment, platform, home },
    controller: leases.value.controller,
    settings: () => store.value.providers,
    credentials: (id) => secrets.read(secretsOf(id)),
  });
  return new Providers({
    ...{ clock, set, probe, secrets, store: leases, newKey: newName },
    workers: new FleetWorkers(deps.active),
    tell: (level, title, detail) => notices.add(level, title, detail),
    settings: () => store.value,
    save: (change) => store.update((settings) => ({ ...settings, ...change })),
  });
}

async function probe(address: LeaseAddress, signal: AbortSignal): Promise<void> {
  const comfy = new ComfyHttp(address);
  await comfy.systemStats(signal);
  await comfy.objectInfo(PROBED_CLASS, signal);
}

/** Part of names of pods and services: lower case. */
function newName(): string {
  return Array.from({ length: NAME_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}
