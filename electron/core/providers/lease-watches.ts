import type { Lease, ProviderId } from '../../../shared/providers.ts';
import type { ProviderEvent } from './provider.ts';
import type { ProviderSet } from './provider-set.ts';

export interface LeaseWatchesDeps {
  readonly set: ProviderSet;
  readonly open: () => readonly Lease[];
  readonly onEvent: (event: ProviderEvent) => void;
  /** What troubles a watch has changed. */
  readonly onChange: () => void;
}

/** Providers are followed while they have leases, and not otherwise. */
export class LeaseWatches {
  readonly #stops = new Map<ProviderId, () => void>();
  readonly #troubles = new Map<ProviderId, string>();

  constructor(private readonly deps: LeaseWatchesDeps) {}

  /** Why the leases of a provider cannot be followed now; null when they are. */
  troubleOf(id: ProviderId): string | null {
    return this.#troubles.get(id) ?? null;
  }

  sync(): void {
    const open = this.deps.open();
    const needed = new Set(open.map(({ provider }) => provider));
    for (const id of [...this.#stops.keys()]) if (!needed.has(id)) this.forget(id);
    for (const id of needed) {
      const found = this.#stops.has(id) ? null : this.deps.set.find(id);
      if (found === null) continue;
      const { onEvent } = this.deps;
      const onTrouble = (trouble: string | null): void => this.#onTrouble(id, trouble);
      const expected = open
        .filter((lease) => lease.provider === id && wasThere(lease))
        .map((lease) => lease.id);
      this.#stops.set(id, found.provider.watch({ onEvent, onTrouble }, expected));
    }
  }

  /** The next sync begins it anew. */
  forget(id: ProviderId): void {
    this.#stops.get(id)?.();
    this.#stops.delete(id);
    this.#troubles.delete(id);
  }

  close(): void {
    for (const id of [...this.#stops.keys()]) this.forget(id);
  }

  #onTrouble(id: ProviderId, trouble: string | null): void {
    if (this.troubleOf(id) === trouble) return;
    if (trouble === null) this.#troubles.delete(id);
    else this.#troubles.set(id, trouble);
    this.deps.onChange();
  }
}

function wasThere({ reference, state }: Lease): boolean {
  return reference !== null || state.status === 'ready';
}
