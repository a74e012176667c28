import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import {
  CREDENTIALS,
  type Credentials,
  isOpen,
  type LeaseId,
  type LeaseTerms,
  type Offer,
  type ProviderId,
  type ProviderSettings,
  type ProvidersState,
  type ProviderView,
  type SpendCaps,
} from '../../../shared/providers.ts';
import { Emitter } from '../ports.ts';
import { spendingOf } from './lease-book.ts';
import { SETTLE_MS } from './lease-care.ts';
import { LeaseKeeper, type LeaseKeeperDeps } from './lease-keeper.ts';
import { Orphans } from './orphans.ts';
import { type KnownProvider, readEnvironment } from './provider-set.ts';
import { problemsOf } from './settings-check.ts';

export interface ProviderSecrets {
  read(key: string): Readonly<Record<string, string>>;
  write(key: string, values: Readonly<Record<string, string>>): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface ProvidersDeps extends Omit<LeaseKeeperDeps, 'onChange' | 'caps'> {
  readonly settings: () => { readonly providers: readonly ProviderSettings[]; readonly spendCaps: SpendCaps };
  readonly save: (change: {
    readonly providers?: readonly ProviderSettings[];
    readonly spendCaps?: SpendCaps;
  }) => Promise<unknown>;
  readonly secrets: ProviderSecrets;
}

const ASK_MS = 90_000;
/** Events in between are merged. */
const TELL_MS = 250;

/** Everything about rented workers that commands ask for. */
export class Providers {
  readonly keeper: LeaseKeeper;
  readonly #told = new Emitter<ProvidersState>();
  readonly #stop: () => void;
  readonly #orphans: Orphans;
  #isDue = false;
  #cancelSecondLook: (() => void) | null = null;

  constructor(private readonly deps: ProvidersDeps) {
    const caps = (): SpendCaps => deps.settings().spendCaps;
    this.keeper = new LeaseKeeper({ ...deps, caps, onChange: () => this.#changed() });
    this.#orphans = new Orphans(deps);
    this.#stop = deps.store.onChange(() => this.#changed());
  }

  /** Goes on with what is rented, and looks for what nobody knows of: at once, and when lists must have caught up. */
  start(): void {
    const { store, clock, tell } = this.deps;
    if (store.problem !== null) {
      tell(
        'error',
        'What is rented may not be known',
        `${store.problem} Look into the consoles of your providers.`,
      );
    }
    this.keeper.start();
    void this.reconcile();
    this.#cancelSecondLook = clock.after(SETTLE_MS + ASK_MS, () => void this.reconcile());
  }

  /** Resolves when the book is on disk; what is rented goes on. */
  async close(): Promise<void> {
    this.#stop();
    this.#cancelSecondLook?.();
    this.keeper.close();
    await this.deps.store.update((book) => ({ ...book })).catch(() => undefined);
  }

  onState(listener: (state: ProvidersState) => void): () => void {
    return this.#told.on(listener);
  }

  get state(): ProvidersState {
    const { store, settings, set } = this.deps;
    const book = store.value;
    return {
      providers: set.all.map((known) => this.#viewOf(known)),
      leases: [...book.leases.filter(isOpen), ...book.leases.filter((lease) => !isOpen(lease))],
      orphans: this.#orphans.list,
      caps: settings().spendCaps,
      spending: spendingOf(book),
    };
  }

  /** @throws EnsembleError('bad-argument' | 'conflict') */
  async save(draft: ProviderSettings, credentials: Credentials): Promise<ProviderId> {
    const { settings, save } = this.deps;
    const { providers } = settings();
    const isNew = draft.id === '';
    const id = isNew ? freeId(draft.kind, providers) : draft.id;
    const provider = { ...draft, id };
    const problems = problemsOf(provider, providers, this.deps.set.deps.platform);
    if (problems.length > 0) {
      throw new EnsembleError('bad-argument', problems[0]?.message ?? 'It is not complete.', null, problems);
    }
    if (credentials.environment !== undefined) readEnvironment(credentials.environment);
    if (!isNew) this.#refuseWithLeases(id, 'changed');
    // First, so that a crash in between leaves a secret too many, not a provider without its key.
    await this.#keep(id, credentials);
    await save({
      providers: isNew ? [...providers, provider] : providers.map((one) => (one.id === id ? provider : one)),
    });
    this.#changed();
    return id;
  }

  async remove(id: ProviderId): Promise<void> {
    const { set, save, settings, secrets } = this.deps;
    set.get(id);
    this.#refuseWithLeases(id, 'removed');
    await save({ providers: settings().providers.filter((one) => one.id !== id) });
    await secrets.delete(secretsOf(id));
    this.#orphans.forget(({ provider }) => provider === id);
    this.#changed();
  }

  async test(id: ProviderId): Promise<string> {
    return this.deps.set.get(id).provider.test(AbortSignal.timeout(ASK_MS));
  }

  /** One that does not answer keeps nobody from the others' offers. */
  async offers(
    id: ProviderId | null,
    vramGb: number,
  ): Promise<{ readonly offers: readonly Offer[]; readonly problems: readonly string[] }> {
    const { set } = this.deps;
    const asked = id === null ? set.all : [set.get(id)];
    const problems: string[] = [];
    const lists = await Promise.all(
      asked.map(({ settings, provider }) =>
        provider.offers(AbortSignal.timeout(ASK_MS)).catch((error: unknown) => {
          problems.push(`${settings.name}: ${messageOf(error)}`);
          return [];
        }),
      ),
    );
    const offers = lists.flat().filter((offer) => offer.vramGb === null || offer.vramGb >= vramGb);
    return { offers: offers.sort((a, b) => a.pricePerHour - b.pricePerHour), problems };
  }

  async setCaps(spendCaps: SpendCaps): Promise<void> {
    await this.deps.save({ spendCaps });
    this.#changed();
  }

  /** Asks every provider what of ours is there. */
  async reconcile(): Promise<ProvidersState> {
    const found = await this.#orphans.look();
    if (found > 0) {
      const what = found === 1 ? 'A rented worker is there' : `${found} rented workers are there`;
      const detail = 'Adopt or release it in Settings, “Providers”: it costs until then.';
      this.deps.tell('warning', `${what} that nobody uses`, detail);
    }
    this.#changed();
    return this.state;
  }

  async adopt(id: ProviderId, key: LeaseId, pricePerHour: number, terms: LeaseTerms): Promise<void> {
    await this.keeper.adopt(this.#orphans.get(id, key), pricePerHour, terms);
    this.#orphans.forget((orphan) => orphan.key === key);
    this.#changed();
  }

  async releaseOrphan(id: ProviderId, key: LeaseId): Promise<void> {
    const { reference } = this.#orphans.get(id, key);
    await this.deps.set.get(id).provider.release(key, reference, AbortSignal.timeout(ASK_MS));
    this.#orphans.forget((orphan) => orphan.key === key);
    this.#changed();
  }

  #refuseWithLeases(id: ProviderId, what: string): void {
    const open = this.deps.store.value.leases.filter((lease) => lease.provider === id && isOpen(lease));
    if (open.length === 0) return;
    throw new EnsembleError(
      'conflict',
      `A provider cannot be ${what} while something of it is rented.`,
      `Give back first: ${open.map(({ offerName }) => offerName).join(', ')}.`,
    );
  }

  async #keep(id: ProviderId, changes: Credentials): Promise<void> {
    const { secrets } = this.deps;
    const key = secretsOf(id);
    const merged = { ...secrets.read(key), ...changes };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ''));
    if (Object.keys(kept).length === 0) await secrets.delete(key);
    else await secrets.write(key, kept);
  }

  #viewOf({ settings, provider }: KnownProvider): ProviderView {
    const kept = this.deps.secrets.read(secretsOf(settings.id));
    const stored = CREDENTIALS[settings.kind].filter((name) => kept[name] !== undefined);
    return { settings, stored, leash: provider.leash, trouble: this.keeper.troubleOf(settings.id) };
  }

  #changed(): void {
    if (this.#isDue || this.#told.size === 0) return;
    this.#isDue = true;
    this.deps.clock.after(TELL_MS, () => {
      this.#isDue = false;
      this.#told.emit(this.state);
    });
  }
}

/** Under which a provider's secrets are kept. */
export function secretsOf(id: ProviderId): string {
  return `provider:${id}`;
}

function freeId(kind: string, taken: readonly ProviderSettings[]): ProviderId {
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? kind : `${kind}-${number}`;
    if (!taken.some((one) => one.id === id)) return id;
  }
}
