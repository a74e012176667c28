import type { EventName, Events } from '../../shared/contract.ts';
import { EVENT_NAMES } from '../../shared/contract.ts';
import type { EventMessage } from '../../shared/ipc.ts';

type Listener = (payload: never) => void;

/** Who listens to which event. */
export class EventHub {
  readonly #listeners = new Map<string, Set<Listener>>();

  on<E extends EventName>(event: E, listener: (payload: Events[E]) => void): () => void {
    const listeners = this.#listeners.get(event) ?? new Set<Listener>();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit(message: EventMessage): void {
    for (const listener of this.#listeners.get(message.event) ?? []) listener(message.payload as never);
  }
}

/** The event in a WebSocket text frame; null for anything else. */
export function parseEventFrame(frame: unknown): EventMessage | null {
  if (typeof frame !== 'string') return null;
  try {
    const message = JSON.parse(frame) as Partial<EventMessage> | null;
    const known = EVENT_NAMES.some((name) => name === message?.event);
    return known ? { event: String(message?.event), payload: message?.payload } : null;
  } catch {
    return null;
  }
}
