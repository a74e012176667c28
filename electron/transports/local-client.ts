import type { ControlClient, EventSource } from '../../shared/contract.ts';
import { EnsembleError } from '../../shared/errors.ts';
import type { Dispatcher } from './dispatcher.ts';

export interface LocalClientOptions {
  readonly dispatcher: Dispatcher;
  readonly events: EventSource;
  /** Address of the page, for files. */
  readonly origin: string;
}

/** A client in the control center's own process: the tray and the notifications use the contract like anyone else. */
export function createLocalClient({ dispatcher, events, origin }: LocalClientOptions): ControlClient {
  return {
    async invoke(command, args) {
      const reply = await dispatcher.dispatch(command, args);
      if (!reply.ok) throw EnsembleError.fromEnvelope(reply.error);
      // The dispatcher ran this command's own handler.
      return reply.result as never;
    },
    subscribe: (event, listener) => events.on(event, listener),
    onConnection(listener) {
      listener(true);
      return () => undefined;
    },
    fileUrl: (path) => new URL(path, origin).href,
  };
}
