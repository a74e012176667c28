import { connect } from 'node:net';
import type { Clock } from '../ports.ts';

/** Whether the machine behind an address still takes connections: its kernel does so for a process that is busy, or hangs. */
export function takesConnections(url: string, timeoutMs: number, clock: Clock): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
  return new Promise((resolve) => {
    const settle = (answer: boolean): void => {
      cancel();
      socket.destroy();
      resolve(answer);
    };
    const cancel = clock.after(timeoutMs, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.on('error', () => settle(false));
  });
}
