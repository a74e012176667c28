import { EVENT_NAMES, type EventName, type EventSource } from '../../shared/contract.ts';
import { EnsembleError, toEnvelope } from '../../shared/errors.ts';
import { type EventMessage, IPC_EVENT, IPC_INVOKE, IPC_SUBSCRIBE, type Reply } from '../../shared/ipc.ts';
import type { Logger } from '../core/ports.ts';
import type { Dispatcher } from './dispatcher.ts';

/** The part of Electron's WebContents that carries events. */
export interface WebContentsLike {
  readonly id: number;
  send(channel: string, ...args: readonly unknown[]): void;
  isDestroyed(): boolean;
  once(event: 'destroyed', listener: () => void): unknown;
}

export interface IpcEventLike {
  readonly sender: WebContentsLike;
}

/** The part of Electron's ipcMain that we use; injected so that a pair in memory can stand in for it. */
export interface IpcMainLike<E extends IpcEventLike> {
  handle(channel: string, listener: (event: E, ...args: readonly unknown[]) => Promise<unknown>): void;
  removeHandler(channel: string): void;
  on(channel: string, listener: (event: E, ...args: readonly unknown[]) => void): unknown;
  removeListener(channel: string, listener: (event: E, ...args: readonly unknown[]) => void): unknown;
}

export interface IpcOptions<E extends IpcEventLike> {
  readonly ipcMain: IpcMainLike<E>;
  readonly dispatcher: Dispatcher;
  readonly events: EventSource;
  /** True for the main frame of one of our own windows that still shows our own page. */
  readonly isTrusted: (event: E) => boolean;
  readonly logger: Logger;
}

/** @returns ends the service: no handler and no subscription is left behind */
export function registerIpc<E extends IpcEventLike>(options: IpcOptions<E>): () => void {
  const { ipcMain, dispatcher, events, isTrusted, logger } = options;
  const subscribers = new Subscribers();

  const refuse = (channel: string): EnsembleError => {
    logger.warn(`Refused an untrusted sender on ${channel}`);
    return new EnsembleError('forbidden-origin', 'This page may not talk to the control center.');
  };
  const onSubscribe = (event: E, name: unknown): void => {
    if (!isTrusted(event)) {
      refuse(IPC_SUBSCRIBE);
      return;
    }
    if (isEventName(name)) subscribers.add(name, event.sender);
  };

  ipcMain.handle(IPC_INVOKE, async (event, command, args): Promise<Reply> => {
    if (!isTrusted(event)) return { ok: false, error: toEnvelope(refuse(IPC_INVOKE)) };
    return dispatcher.dispatch(command, args);
  });
  ipcMain.on(IPC_SUBSCRIBE, onSubscribe);
  const unsubscribes = EVENT_NAMES.map((name) =>
    events.on(name, (payload) => subscribers.send({ event: name, payload })),
  );
  return () => {
    ipcMain.removeHandler(IPC_INVOKE);
    ipcMain.removeListener(IPC_SUBSCRIBE, onSubscribe);
    for (const unsubscribe of unsubscribes) unsubscribe();
    subscribers.clear();
  };
}

function isEventName(name: unknown): name is EventName {
  return EVENT_NAMES.some((known) => known === name);
}

/** Which pages want which events. A page that subscribed once gets the event until it is gone. */
class Subscribers {
  readonly #pages = new Map<number, { readonly contents: WebContentsLike; readonly names: Set<EventName> }>();

  add(name: EventName, contents: WebContentsLike): void {
    const known = this.#pages.get(contents.id);
    if (known !== undefined) {
      known.names.add(name);
      return;
    }
    this.#pages.set(contents.id, { contents, names: new Set([name]) });
    contents.once('destroyed', () => this.#pages.delete(contents.id));
  }

  send(message: EventMessage): void {
    for (const [id, { contents, names }] of this.#pages) {
      // Between a crash of the page and its "destroyed" a send would throw.
      if (contents.isDestroyed()) this.#pages.delete(id);
      else if (names.has(message.event as EventName)) contents.send(IPC_EVENT, message);
    }
  }

  clear(): void {
    this.#pages.clear();
  }
}
