import { EnsembleError } from '../../../shared/errors.ts';
import type { LeaseId, Leash, Offer } from '../../../shared/providers.ts';

/** Where the ComfyUI of a lease answers. */
export interface LeaseAddress {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** What opens it; may be secrets. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface LeaseSpec {
  readonly offer: string;
  /** USD, at most: as it was confirmed. */
  readonly pricePerHour: number;
  readonly ttlMinutes: number;
}

/** What a provider tells of a lease; each may come again and again. */
export type ProviderEvent = { readonly key: LeaseId } & (
  | { readonly kind: 'starting'; readonly note: string }
  | { readonly kind: 'up'; readonly address: LeaseAddress; readonly pricePerHour: number | null }
  /** It serves no more. Whether anything is left that costs is for `release` to settle. */
  | { readonly kind: 'gone'; readonly because: string }
);

/** Something at the provider that bears this control center's tag. */
export interface Holding {
  readonly key: LeaseId;
  readonly reference: string;
  readonly url: string | null;
  readonly pricePerHour: number | null;
}

/** What the keeper is told while it watches; `trouble` null = the watch works (again). */
export interface Watcher {
  readonly onEvent: (event: ProviderEvent) => void;
  readonly onTrouble: (trouble: string | null) => void;
}

/** Somebody who makes ComfyUI servers. A key names one lease for ever: everything that is made bears it. */
export interface WorkerProvider {
  readonly leash: Leash;
  /** `ensure` may be called again when nobody knows whether it worked: the key makes a second one impossible. */
  readonly isRepeatable: boolean;
  /** Costs nothing. @returns what works, in words. @throws EnsembleError that says what does not */
  test(signal: AbortSignal): Promise<string>;
  offers(signal: AbortSignal): Promise<readonly Offer[]>;
  /**
   * Resolves when it is asked for, with the provider's own id where it has one.
   * @throws RentRefused when it is certain that nothing was rented; after anything else nobody knows
   */
  ensure(key: LeaseId, spec: LeaseSpec, signal: AbortSignal): Promise<string | null>;
  /**
   * Follows everything that bears our tag.
   * @param expected what has been there before, so that its absence is told too
   * @returns its end
   */
  watch(watcher: Watcher, expected: readonly LeaseId[]): () => void;
  /** Resolves when the provider confirms that nothing of it is left; so it does when there never was anything. */
  release(key: LeaseId, reference: string | null, signal: AbortSignal): Promise<void>;
  /** What of ours is there; null where the provider cannot tell. */
  reconcile(signal: AbortSignal): Promise<readonly Holding[] | null>;
}

/** Nothing was rented, and nothing has to be given back. */
export class RentRefused extends EnsembleError {
  constructor(message: string, hint: string | null = null) {
    super('unavailable', message, hint);
  }
}

/** Every thing we make is called so: list and labels find it by the beginning. */
export function tagOf(controller: string): string {
  return `ensemble-${controller}-`;
}
