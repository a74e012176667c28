import type {
  Credentials,
  LeaseId,
  LeaseTerms,
  Offer,
  ProviderId,
  ProviderSettings,
  ProvidersState,
  RentOrder,
  SpendCaps,
} from './providers.ts';

export interface ProviderCommands {
  'providers.state': { args: Readonly<Record<string, never>>; result: ProvidersState };
  /** `id` empty: a new one. */
  'providers.save': {
    args: { readonly provider: ProviderSettings; readonly credentials: Credentials };
    result: { readonly id: ProviderId };
  };
  /** Refused while it has leases. */
  'providers.remove': { args: { readonly id: ProviderId }; result: null };
  /** Asks the provider something that costs nothing; the answer says in words what works. */
  'providers.test': { args: { readonly id: ProviderId }; result: { readonly message: string } };
  /** What can be rented now, the cheapest first. `id` null: of all providers. */
  'providers.offers': {
    args: { readonly id: ProviderId | null; readonly vramGb: number };
    result: { readonly offers: readonly Offer[]; readonly problems: readonly string[] };
  };
  'providers.setCaps': { args: { readonly caps: SpendCaps }; result: null };
  /** Resolves once it is asked for; what becomes of it arrives as state. */
  'providers.rent': { args: RentOrder; result: { readonly lease: LeaseId } };
  /** Takes it out of the runs, waits for its prompt, and gives it back. `now`: without waiting. */
  'providers.release': { args: { readonly lease: LeaseId; readonly now: boolean }; result: null };
  /** Asks every provider what of ours is there. */
  'providers.reconcile': { args: Readonly<Record<string, never>>; result: ProvidersState };
  /** Makes an orphan a lease again, at a price that the person confirms. */
  'providers.adopt': {
    args: {
      readonly provider: ProviderId;
      readonly key: LeaseId;
      readonly pricePerHour: number;
    } & LeaseTerms;
    result: null;
  };
  'providers.releaseOrphan': {
    args: { readonly provider: ProviderId; readonly key: LeaseId };
    result: null;
  };
}
