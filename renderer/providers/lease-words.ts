import type { Tone } from '../../shared/condition.ts';
import type { Lease, LeaseState, Offer, ProviderKind } from '../../shared/providers.ts';

export const KIND_WORDS: Readonly<Record<ProviderKind, string>> = {
  runpod: 'RunPod',
  kubernetes: 'Kubernetes',
  command: 'Command',
};

export const LEASE_WORDS: Readonly<
  Record<LeaseState['status'], { readonly word: string; readonly tone: Tone }>
> = {
  pending: { word: 'Starting', tone: 'busy' },
  ready: { word: 'Ready', tone: 'ok' },
  draining: { word: 'Being given back', tone: 'warning' },
  released: { word: 'Given back', tone: 'neutral' },
  lost: { word: 'Lost', tone: 'error' },
  failed: { word: 'Failed', tone: 'error' },
};

export const STOCK_WORDS: Readonly<Record<Offer['stock'], string>> = {
  high: 'Many free',
  medium: 'Some free',
  low: 'Few free',
  none: 'None free',
  unknown: '',
};

/** What there is to say of a lease beside its state; null when there is nothing. */
export function detailOf({ state }: Pick<Lease, 'state'>): string | null {
  switch (state.status) {
    case 'pending':
      return state.note;
    case 'ready':
      return null;
    case 'draining':
      return state.trouble === null
        ? state.because
        : `It may still cost: ${state.trouble} It is tried again until it is gone.`;
    default:
      return state.because;
  }
}

/** Tells offers of several providers apart. */
export function offerKey({ provider, id }: Offer): string {
  return `${provider}/${id}`;
}
