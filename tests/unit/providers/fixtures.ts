import type { Lease } from '../../../shared/providers.ts';

export function leaseWith(change: Partial<Lease> = {}): Lease {
  return {
    id: 'k1',
    provider: 'runpod',
    providerName: 'RunPod',
    offer: 'NVIDIA GeForce RTX 4090',
    offerName: 'RTX 4090',
    pricePerHour: 0.5,
    leash: 'nobody',
    requestedAt: 1_000_000,
    ttlMinutes: 60,
    idleMinutes: 0,
    billedMs: 0,
    idleMs: 0,
    reference: null,
    worker: null,
    state: { status: 'pending', note: null },
    ...change,
  };
}
