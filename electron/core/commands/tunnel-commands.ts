import type { CommandHandlers } from '../../../shared/contract.ts';
import type { TunnelCommands } from '../../../shared/tunnel.ts';
import type { Tunnel } from '../tunnel/tunnel.ts';

/** The tunnel from the world to the ComfyUI address. */
export function tunnelCommands(tunnel: Tunnel): Pick<CommandHandlers, keyof TunnelCommands> {
  return {
    'tunnel.status': () => tunnel.status(),
    'tunnel.start': async (order) => {
      await tunnel.start(order);
      return null;
    },
    'tunnel.stop': async () => {
      await tunnel.stop();
      return null;
    },
    'tunnel.download': () => tunnel.download(),
    'tunnel.log': (query) => tunnel.readLog(query),
  };
}
