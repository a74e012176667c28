import type { ControlClient } from '../../shared/contract.ts';
import { EnsembleError } from '../../shared/errors.ts';
import type { EnsembleBridge } from '../../shared/ipc.ts';

/** The client inside the desktop window. The control center lives as long as its window, so the connection is always up. */
export function createIpcClient(bridge: EnsembleBridge, origin: string): ControlClient {
  return {
    async invoke(command, args) {
      const reply = await bridge.invoke(command, args);
      if (!reply.ok) throw EnsembleError.fromEnvelope(reply.error);
      // The dispatcher answers a command with that command's result: the contract suite holds it to that.
      return reply.result as never;
    },
    subscribe: (event, listener) => bridge.subscribe(event, (payload) => listener(payload as never)),
    onConnection(listener) {
      listener(true);
      return () => undefined;
    },
    fileUrl: (path) => new URL(path, origin).href,
  };
}
