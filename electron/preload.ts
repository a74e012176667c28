import { contextBridge, ipcRenderer } from 'electron';
import {
  type EnsembleBridge,
  type EventMessage,
  IPC_EVENT,
  IPC_INVOKE,
  IPC_SUBSCRIBE,
} from '../shared/ipc.ts';

/** All that the page gets: commands in, events out. No channel name, event object or ipcRenderer leaves this file. */

const listeners = new Map<string, Set<(payload: unknown) => void>>();

ipcRenderer.on(IPC_EVENT, (_event, { event, payload }: EventMessage) => {
  for (const listener of [...(listeners.get(event) ?? [])]) listener(payload);
});

const bridge: EnsembleBridge = {
  invoke: (command, args) => ipcRenderer.invoke(IPC_INVOKE, command, args),
  subscribe: (event, listener) => {
    const known = listeners.get(event);
    const all = known ?? new Set();
    if (known === undefined) {
      listeners.set(event, all);
      ipcRenderer.send(IPC_SUBSCRIBE, event);
    }
    // A wrapper of its own: the same function subscribed twice is called twice and ends one by one.
    const own = (payload: unknown): void => listener(payload);
    all.add(own);
    return () => {
      all.delete(own);
    };
  },
};

contextBridge.exposeInMainWorld('ensemble', bridge);
