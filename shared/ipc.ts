import type { ErrorEnvelope } from './errors.ts';

/** What crosses Electron's IPC: one channel to invoke commands, one to subscribe, one that carries events back. */
export const IPC_INVOKE = 'ensemble:invoke';
export const IPC_SUBSCRIBE = 'ensemble:subscribe';
export const IPC_EVENT = 'ensemble:event';

/** The answer to a command on every transport: a rejection never crosses a process boundary, an envelope does. */
export type Reply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ErrorEnvelope };

/** One event on the wire: a WebSocket text frame, or the argument of IPC_EVENT. */
export interface EventMessage {
  readonly event: string;
  readonly payload: unknown;
}

/** What the preload exposes as `window.ensemble`, and all of it. */
export interface EnsembleBridge {
  invoke(command: string, args: unknown): Promise<Reply>;
  /** Returns its own unsubscribe. */
  subscribe(event: string, listener: (payload: unknown) => void): () => void;
}
