import { isOpen, type Lease, type LeaseOutcome } from '../../../shared/providers.ts';

/** Everything that can happen to a lease; `at` in ms since the epoch. */
export type LeaseEvent =
  /** What it waits for, while it is pending. */
  | { readonly kind: 'noted'; readonly note: string }
  | { readonly kind: 'named'; readonly reference: string }
  | { readonly kind: 'ready'; readonly url: string; readonly worker: string; readonly at: number }
  /** It shall be given back, and is then what `outcome` says. */
  | { readonly kind: 'ends'; readonly because: string; readonly outcome: LeaseOutcome; readonly at: number }
  | { readonly kind: 'kept'; readonly trouble: string }
  /** The provider says that nothing of it is left. */
  | { readonly kind: 'confirmed'; readonly at: number }
  /** It was never rented. */
  | { readonly kind: 'refused'; readonly because: string; readonly at: number };

/** One step. What does not fit the state changes nothing: events are late, doubled and out of order by nature. */
export function transition(lease: Lease, event: LeaseEvent): Lease {
  const { state } = lease;
  switch (event.kind) {
    case 'noted':
      if (state.status !== 'pending' || state.note === event.note) return lease;
      return { ...lease, state: { ...state, note: event.note } };
    case 'named':
      if (!isOpen(lease) || lease.reference === event.reference) return lease;
      return { ...lease, reference: event.reference };
    case 'ready': {
      const { url, worker, at } = event;
      // An address can move: a port-forward gets another port after a restart of ours.
      if (state.status === 'ready') return state.url === url ? lease : { ...lease, state: { ...state, url } };
      if (state.status !== 'pending') return lease;
      return { ...lease, worker, idleMs: 0, state: { status: 'ready', url, since: at } };
    }
    case 'ends': {
      if (state.status !== 'pending' && state.status !== 'ready') return lease;
      const { because, outcome, at } = event;
      return { ...lease, state: { status: 'draining', because, outcome, since: at, trouble: null } };
    }
    case 'kept':
      if (state.status !== 'draining' || state.trouble === event.trouble) return lease;
      return { ...lease, state: { ...state, trouble: event.trouble } };
    case 'confirmed':
      if (state.status !== 'draining') return lease;
      return { ...lease, state: { status: state.outcome, because: state.because, at: event.at } };
    case 'refused':
      if (state.status !== 'pending') return lease;
      return { ...lease, state: { status: 'failed', because: event.because, at: event.at } };
  }
}
