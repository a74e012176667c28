import type { TunnelFailure, TunnelKind, TunnelState } from '../../../shared/tunnel.ts';

/** What can happen to a tunnel. */
export type TunnelEvent =
  | { readonly type: 'begun'; readonly kind: TunnelKind }
  /** Its program was asked; `url` null: it has no name yet. */
  | { readonly type: 'looked'; readonly url: string | null; readonly connections: number }
  | {
      readonly type: 'crashed';
      readonly reason: string;
      readonly delayMs: number;
      /** Of the next try. */
      readonly attempt: number;
    }
  | { readonly type: 'gave-up'; readonly failure: TunnelFailure }
  | { readonly type: 'stopping' }
  | { readonly type: 'stopped' };

type Of<T extends TunnelEvent['type']> = Extract<TunnelEvent, { type: T }>;

/** The state after an event; the same object when it means nothing in this state. Pure. */
export function nextTunnelState(state: TunnelState, event: TunnelEvent, now: number): TunnelState {
  switch (event.type) {
    case 'begun': {
      const isIdle = ['off', 'failed', 'backing-off'].includes(state.status);
      return isIdle ? { status: 'starting', kind: event.kind, since: now } : state;
    }
    case 'looked':
      return looked(state, event, now);
    case 'stopped':
      return state.status === 'off' ? state : { status: 'off' };
    default:
      return ended(state, event, now);
  }
}

function looked(state: TunnelState, { url, connections }: Of<'looked'>, now: number): TunnelState {
  if (state.status !== 'starting' && state.status !== 'up' && state.status !== 'reconnecting') return state;
  const { kind } = state;
  if (connections === 0 || url === null) {
    return state.status === 'up' ? { status: 'reconnecting', kind, since: now, url: state.url } : state;
  }
  if (state.status !== 'up') return { status: 'up', kind, since: now, url, connections };
  if (state.url !== url) return { status: 'up', kind, since: now, url, connections };
  return state.connections === connections ? state : { ...state, connections };
}

function ended(
  state: TunnelState,
  event: Of<'crashed'> | Of<'gave-up'> | Of<'stopping'>,
  now: number,
): TunnelState {
  if (state.status === 'off' || state.status === 'failed') return state;
  // One that was told to end, and does not, has failed as well.
  if (state.status === 'stopping' && event.type !== 'gave-up') return state;
  const { kind } = state;
  switch (event.type) {
    case 'stopping':
      return { status: 'stopping', kind, since: now };
    case 'gave-up': {
      const { reason, remedy, lines } = event.failure;
      return { status: 'failed', kind, since: now, reason, remedy, lines };
    }
    default: {
      if (state.status === 'backing-off') return state;
      const { reason, delayMs, attempt } = event;
      return { status: 'backing-off', kind, since: now, until: now + delayMs, attempt, reason };
    }
  }
}
