import { EnsembleError } from '../../../shared/errors.ts';
import type { LeaseId, Orphan, ProviderId } from '../../../shared/providers.ts';
import type { Clock } from '../ports.ts';
import { leaseOf } from './lease-book.ts';
import { SETTLE_MS } from './lease-care.ts';
import type { LeaseStore } from './lease-store.ts';
import type { KnownProvider, ProviderSet } from './provider-set.ts';

export interface OrphansDeps {
  readonly clock: Clock;
  readonly store: LeaseStore;
  readonly set: ProviderSet;
}

const ASK_MS = 90_000;

/** What bears our tag at a provider and no lease knows. */
export class Orphans {
  #list: readonly Orphan[] = [];

  constructor(private readonly deps: OrphansDeps) {}

  get list(): readonly Orphan[] {
    return this.#list;
  }

  /** Asks everybody. @returns how many are new */
  async look(): Promise<number> {
    const before = new Set(this.#list.map(({ key }) => key));
    const lists = await Promise.all(this.deps.set.all.map((known) => this.#of(known)));
    this.#list = lists.flat();
    return this.#list.filter(({ key }) => !before.has(key)).length;
  }

  /** @throws EnsembleError('not-found') */
  get(id: ProviderId, key: LeaseId): Orphan {
    const orphan = this.#list.find((one) => one.provider === id && one.key === key);
    if (orphan !== undefined) return orphan;
    throw new EnsembleError(
      'not-found',
      `There is no “${key}” without a lease.`,
      'Look again: `ensemble providers reconcile`.',
    );
  }

  forget(gone: (orphan: Orphan) => boolean): void {
    this.#list = this.#list.filter((orphan) => !gone(orphan));
  }

  async #of({ settings, provider }: KnownProvider): Promise<readonly Orphan[]> {
    const { store, clock } = this.deps;
    const signal = AbortSignal.timeout(ASK_MS);
    const known = settings.kind === 'runpod' ? null : settings.pricePerHour;
    const holdings = await provider.reconcile(signal).catch(() => null);
    // Nothing is known anew: what was found before stays.
    if (holdings === null) return this.#list.filter((orphan) => orphan.provider === settings.id);
    return holdings.flatMap((holding) => {
      const lease = leaseOf(store.value, holding.key);
      if (lease === null)
        return [{ ...holding, provider: settings.id, pricePerHour: holding.pricePerHour ?? known }];
      // Lists lag behind: only what is still there after a while was left by a finished lease.
      const isLeft = 'at' in lease.state && clock.now() - lease.state.at > SETTLE_MS;
      if (isLeft) void provider.release(holding.key, holding.reference, signal).catch(() => undefined);
      return [];
    });
  }
}
