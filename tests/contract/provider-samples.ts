import type { ProviderCommands } from '../../shared/provider-commands.ts';
import type { ProviderSettings, ProvidersState } from '../../shared/providers.ts';

/** One honest call of every command about rented workers, and an answer to it. */

export const providerSettings: ProviderSettings = {
  ...{
    id: 'runpod',
    kind: 'runpod',
    name: 'RunPod ✓',
    readyMinutes: 20,
    image: 'org/comfyui:1',
    templateId: '',
  },
  ...{ startCommand: '', networkVolume: 'vol1', volumePath: '/workspace', cloud: 'SECURE' },
  ...{ gpus: ['NVIDIA GeForce RTX 4090'], diskGb: 50 },
};

export const providersState: ProvidersState = {
  providers: [{ settings: providerSettings, stored: ['apiKey'], leash: 'nobody', trouble: null }],
  leases: [
    {
      ...{ id: 'k1', provider: 'runpod', providerName: 'RunPod ✓', offer: 'NVIDIA GeForce RTX 4090' },
      ...{ offerName: 'RTX 4090', pricePerHour: 0.69, leash: 'nobody', requestedAt: 1, ttlMinutes: 60 },
      ...{ idleMinutes: 15, billedMs: 60_000, idleMs: 0, reference: 'pod1', worker: 'worker-1' },
      state: { status: 'ready', url: 'https://pod1-8188.proxy.runpod.net', since: 2 },
    },
  ],
  orphans: [{ provider: 'runpod', key: 'x', reference: 'podx', pricePerHour: 0.69, url: null }],
  caps: { perHour: 2, perDay: 20, total: null },
  spending: { rate: 0.69, day: 0.01, total: 0.01 },
};

const terms = { ttlMinutes: 60, idleMinutes: 15 };
type Sample<C extends keyof ProviderCommands> = Readonly<ProviderCommands[C]>;

export const PROVIDER_SAMPLES: { readonly [C in keyof ProviderCommands]: Sample<C> } = {
  'providers.state': { args: {}, result: providersState },
  'providers.save': {
    args: { provider: providerSettings, credentials: { apiKey: 'rpa_✓', environment: 'A=b\nC=d' } },
    result: { id: 'runpod' },
  },
  'providers.remove': { args: { id: 'runpod' }, result: null },
  'providers.test': { args: { id: 'runpod' }, result: { message: 'RunPod accepts the key.' } },
  'providers.offers': {
    args: { id: null, vramGb: 24 },
    result: {
      offers: [
        {
          ...{ id: 'NVIDIA GeForce RTX 4090', provider: 'runpod', name: 'RTX 4090', vramGb: 24 },
          ...{ pricePerHour: 0.69, stock: 'high', leash: 'nobody', warnings: ['It asks for no password.'] },
        },
      ],
      problems: [],
    },
  },
  'providers.setCaps': { args: { caps: providersState.caps }, result: null },
  'providers.rent': {
    args: { provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69, ...terms },
    result: { lease: 'k1' },
  },
  'providers.release': { args: { lease: 'k1', now: false }, result: null },
  'providers.reconcile': { args: {}, result: providersState },
  'providers.adopt': { args: { provider: 'runpod', key: 'x', pricePerHour: 0.69, ...terms }, result: null },
  'providers.releaseOrphan': { args: { provider: 'runpod', key: 'x' }, result: null },
};
