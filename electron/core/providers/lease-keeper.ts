import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { NoticeLevel } from '../../../shared/model.ts';
import {
  dollars,
  isOpen,
  type Lease,
  type LeaseId,
  type LeaseTerms,
  type Orphan,
  type ProviderId,
  type RentOrder,
  type SpendCaps,
} from '../../../shared/providers.ts';
import type { Clock } from '../ports.ts';
import { count, type LeaseBook, leaseOf, openLeases, refusalOf, verdicts, withLease } from './lease-book.ts';
import { LeaseCare } from './lease-care.ts';
import { type LeaseEvent, transition } from './lease-machine.ts';
import type { LeaseStore } from './lease-store.ts';
import { LeaseWatches } from './lease-watches.ts';
import type { LeasedWorkers } from './leased-workers.ts';
import type { LeaseAddress, ProviderEvent } from './provider.ts';
import type { ProviderSet } from './provider-set.ts';

export interface LeaseKeeperDeps {
  readonly clock: Clock;
  readonly store: LeaseStore;
  readonly set: ProviderSet;
  readonly workers: LeasedWorkers;
  readonly caps: () => SpendCaps;
  readonly probe: (address: LeaseAddress, signal: AbortSignal) => Promise<void>;
  readonly newKey: () => LeaseId;
  readonly tell: (level: NoticeLevel, title: string, detail: string | null) => void;
  /** What is shown of a provider or of orphans has changed; leases tell of themselves. */
  readonly onChange: () => void;
}

const TICK_MS = 15_000;
/** How much of what was counted a crash may forget. */
const DURABLE_EVERY = 4;
const OFFERS_MS = 60_000;

/** Rents, watches over time and money, and gives back. What it is about to do is always on disk first. */
export class LeaseKeeper {
  readonly #cares = new Map<LeaseId, LeaseCare>();
  readonly #watches: LeaseWatches;
  #cancelTick: (() => void) | null = null;
  #ticks = 0;
  #isClosed = false;

  constructor(private readonly deps: LeaseKeeperDeps) {
    const { store, set, onChange } = deps;
    const onEvent = (event: ProviderEvent): void => this.#cares.get(event.key)?.onEvent(event);
    this.#watches = new LeaseWatches({ set, onChange, onEvent, open: () => openLeases(store.value) });
  }

  /** Goes on with every lease of the last life. */
  start(): void {
    for (const lease of openLeases(this.deps.store.value)) this.#care(lease, false);
    this.#watches.sync();
    this.#tick();
  }

  /** Leases go on; nothing is ended by our end. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTick?.();
    this.#watches.close();
    for (const care of this.#cares.values()) care.close();
  }

  /** Why the leases of a provider cannot be followed now; null when they are. */
  troubleOf(id: ProviderId): string | null {
    return this.#watches.troubleOf(id);
  }

  /**
   * Resolves once the lease is on disk; the provider is asked after that.
   * @throws EnsembleError('conflict') when the price has changed, nothing is left or a cap is in the way
   */
  async rent(order: RentOrder): Promise<LeaseId> {
    const { provider, settings } = this.deps.set.get(order.provider);
    const offers = await provider.offers(AbortSignal.timeout(OFFERS_MS));
    const offer = offers.find(({ id }) => id === order.offer);
    if (offer === undefined || offer.stock === 'none') {
      throw new EnsembleError('conflict', `${settings.name} does not have this any more.`, LOOK_AGAIN);
    }
    if (Math.abs(offer.pricePerHour - order.pricePerHour) > 1e-6) {
      const [was, is] = [dollars(order.pricePerHour), dollars(offer.pricePerHour)];
      throw new EnsembleError(
        'conflict',
        `${offer.name} costs ${is} per hour by now, not ${was}.`,
        LOOK_AGAIN,
      );
    }
    const { id, leash, name } = offer;
    const lease = this.#newLease(order, this.deps.newKey(), { id, leash, name });
    await this.#write(lease);
    return lease.id;
  }

  /** An orphan becomes a lease again; its time begins anew. */
  async adopt(
    { provider: id, key, reference }: Orphan,
    pricePerHour: number,
    terms: LeaseTerms,
  ): Promise<void> {
    const { leash } = this.deps.set.get(id).provider;
    const order = { provider: id, offer: '', pricePerHour, ...terms };
    const lease = this.#newLease(order, key, { id: '', leash, name: 'Found again' });
    // The watch may have told of it long ago.
    this.#watches.forget(id);
    await this.#write({ ...lease, reference });
  }

  /** @throws EnsembleError('not-found') */
  async release(id: LeaseId, now: boolean): Promise<void> {
    const care = this.#cares.get(id);
    if (care === undefined) throw new EnsembleError('not-found', `There is no lease “${id}” that goes on.`);
    await care.end('It was given back.', 'released', now);
  }

  async #write(lease: Lease): Promise<void> {
    const { store, caps, clock } = this.deps;
    await store.update((book) => {
      // Here, where nobody can come in between two that are each within the limit.
      const refusal = refusalOf(count(book, clock.now(), new Set()), caps(), lease);
      if (refusal !== null) throw new EnsembleError('conflict', refusal, CAP_HINT);
      return withLease(book, lease);
    });
    this.#care(lease, lease.reference === null);
    this.#watches.sync();
  }

  #newLease(
    order: RentOrder,
    id: LeaseId,
    offer: { readonly id: string; readonly leash: Lease['leash']; readonly name: string },
  ): Lease {
    const { settings } = this.deps.set.get(order.provider);
    return {
      id,
      provider: order.provider,
      providerName: settings.name,
      offer: offer.id,
      offerName: offer.name,
      pricePerHour: order.pricePerHour,
      leash: offer.leash,
      requestedAt: this.deps.clock.now(),
      ttlMinutes: order.ttlMinutes,
      idleMinutes: order.idleMinutes,
      billedMs: 0,
      idleMs: 0,
      reference: null,
      worker: null,
      state: { status: 'pending', note: null },
    };
  }

  #care(lease: Lease, isNew: boolean): void {
    const { clock, set, workers, probe, store } = this.deps;
    const found = set.find(lease.provider);
    if (found === null) {
      this.deps.tell('error', `${lease.providerName} is not configured any more`, ORPHANED);
      return;
    }
    const { id } = lease;
    const care = new LeaseCare(id, {
      ...{ clock, workers, probe, provider: found.provider },
      lease: () => leaseOf(store.value, id) ?? lease,
      step: (event) => this.#step(id, event),
      onOver: () => {
        this.#cares.delete(id);
        this.#watches.sync();
      },
    });
    this.#cares.set(id, care);
    care.begin(isNew);
  }

  /** A disk that is full must not keep a worker from being given back: then it is remembered in memory alone. */
  async #step(id: LeaseId, event: LeaseEvent): Promise<void> {
    const { store } = this.deps;
    let stepped: readonly [Lease, Lease] | null = null;
    const change = (book: LeaseBook): LeaseBook => {
      const lease = leaseOf(book, id);
      const next = lease === null ? null : transition(lease, event);
      if (lease === null || next === null || next === lease) return book;
      stepped = [lease, next];
      return withLease(book, next);
    };
    await store.update(change).catch(() => store.note(change));
    await store.idle();
    if (stepped !== null) this.#tell(...(stepped as readonly [Lease, Lease]));
  }

  #tell(before: Lease, after: Lease): void {
    const { tell } = this.deps;
    const { state } = after;
    if (state.status === 'draining' && state.trouble !== null) {
      const had = before.state.status === 'draining' && before.state.trouble !== null;
      if (!had)
        tell('error', `${after.offerName} may still cost`, `It could not be given back: ${state.trouble}`);
    }
    if (before.state.status === state.status) return;
    const price = `${dollars(after.pricePerHour)} per hour`;
    if (state.status === 'ready') tell('info', `${after.offerName} is ready`, `It costs ${price}.`);
    if (state.status === 'failed') tell('error', `${after.offerName} was not rented`, state.because);
    if (state.status === 'lost') tell('warning', `${after.offerName} is lost`, state.because);
    if (state.status === 'released') tell('info', `${after.offerName} was given back`, state.because);
  }

  #tick(): void {
    const { store, clock, workers, caps, set } = this.deps;
    const open = openLeases(store.value);
    const busy = new Set(open.filter(({ id }) => workers.isBusy(id)).map(({ id }) => id));
    store.note((book) => count(book, clock.now(), busy));
    this.#ticks += 1;
    // Something else than counting is in the next change anyway; alone it is written now and then.
    if (open.length > 0 && this.#ticks % DURABLE_EVERY === 0) {
      void store.update((book) => ({ ...book })).catch((error) => this.#onDisk(error));
    }
    void store.idle().then(() => {
      if (this.#isClosed) return;
      const readyMinutes = (lease: Lease): number => set.find(lease.provider)?.settings.readyMinutes ?? 30;
      for (const { lease, because } of verdicts(store.value, caps(), readyMinutes)) {
        const isPending = leaseOf(store.value, lease)?.state.status === 'pending';
        void this.#cares.get(lease)?.end(because, isPending ? 'failed' : 'released', false);
      }
      this.#sweep();
      this.#cancelTick = clock.after(TICK_MS, () => this.#tick());
    });
  }

  /** The card of a lease that ended while there was no fleet. */
  #sweep(): void {
    const { workers, store } = this.deps;
    for (const id of workers.carded) {
      const lease = leaseOf(store.value, id);
      if (lease !== null && !isOpen(lease)) void workers.vanish(id).catch(() => undefined);
    }
  }

  #onDisk(error: unknown): void {
    this.deps.tell('error', 'What is spent cannot be written down', messageOf(error));
  }
}

const LOOK_AGAIN = 'Look at the offers again and confirm anew.';
const CAP_HINT = 'Give something back, choose a shorter time, or raise the limit in Settings, “Providers”.';
const ORPHANED = 'What was rented there cannot be looked after: end it in the provider’s own console.';
