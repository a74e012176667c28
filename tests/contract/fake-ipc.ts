import { EventEmitter } from 'node:events';
import type { IpcEventLike, IpcMainLike } from '../../electron/transports/ipc-server.ts';
import type { EnsembleBridge, EventMessage, Reply } from '../../shared/ipc.ts';
import { IPC_EVENT, IPC_INVOKE, IPC_SUBSCRIBE } from '../../shared/ipc.ts';

export interface FakeIpcEvent extends IpcEventLike {
  readonly sender: FakePage;
}

type Listener = (event: FakeIpcEvent, ...args: readonly unknown[]) => unknown;

/** Both ends of Electron's IPC in memory. Payloads are cloned by the algorithm that the real one uses. */
export class FakeIpcMain implements IpcMainLike<FakeIpcEvent> {
  readonly handlers = new Map<string, Listener>();
  readonly #emitter = new EventEmitter();

  handle(channel: string, listener: Listener): void {
    this.handlers.set(channel, listener);
  }

  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }

  on(channel: string, listener: Listener): void {
    this.#emitter.on(channel, listener);
  }

  removeListener(channel: string, listener: Listener): void {
    this.#emitter.removeListener(channel, listener);
  }

  emit(channel: string, event: FakeIpcEvent, ...args: readonly unknown[]): void {
    this.#emitter.emit(channel, event, ...structuredClone(args));
  }

  async invoke(channel: string, event: FakeIpcEvent, ...args: readonly unknown[]): Promise<unknown> {
    const handler = this.handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler(event, ...structuredClone(args)));
  }
}

/** A window's page: what the main process sees of it, and the bridge that a preload would give it. */
export class FakePage {
  readonly sent: EventMessage[] = [];
  readonly id: number;
  readonly #ipcMain: FakeIpcMain;
  readonly #emitter = new EventEmitter();
  #destroyed = false;

  constructor(ipcMain: FakeIpcMain, id: number) {
    this.#ipcMain = ipcMain;
    this.id = id;
  }

  readonly bridge: EnsembleBridge = {
    invoke: async (command, args) =>
      (await this.#ipcMain.invoke(IPC_INVOKE, { sender: this }, command, args)) as Reply,
    subscribe: (event, listener) => {
      const onMessage = (message: EventMessage): void => {
        if (message.event === event) listener(message.payload);
      };
      this.#emitter.on(IPC_EVENT, onMessage);
      this.#ipcMain.emit(IPC_SUBSCRIBE, { sender: this }, event);
      return () => this.#emitter.removeListener(IPC_EVENT, onMessage);
    },
  };

  send(channel: string, ...args: readonly unknown[]): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
    const [message] = structuredClone(args) as [EventMessage];
    this.sent.push(message);
    this.#emitter.emit(channel, message);
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  once(event: 'destroyed', listener: () => void): void {
    this.#emitter.once(event, listener);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#emitter.emit('destroyed');
  }
}
