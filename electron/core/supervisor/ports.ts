import net from 'node:net';
import { EnsembleError } from '../../../shared/errors.ts';

const LOOPBACKS = ['127.0.0.1', '::1'] as const;
const HIGHEST_PORT = 65535;
/** A listener whose backlog is full neither accepts nor refuses. */
const CONNECT_MS = 500;
/** How far above each port that is used, or used first, we look for listeners. */
const LOOKED_AT_PORTS = 64;

/**
 * Whether a server could be started on this port: nobody listens on it, on IPv4 or IPv6. Only loopback addresses are
 * bound, for an instant: binding a wildcard would raise a firewall question on Windows and macOS.
 */
export async function checkPort(port: number): Promise<'free' | 'taken'> {
  for (const host of LOOPBACKS) if (!(await canBind(host, port))) return 'taken';
  // BSD systems let a loopback bind succeed beside a wildcard listener, so that only a connection tells.
  const answers = await Promise.all(LOOPBACKS.map((host) => isListening(host, port)));
  return answers.includes(true) ? 'taken' : 'free';
}

/** @throws EnsembleError('port-in-use') when there is none up to 65535 */
export async function nextFreePort(from: number, reserved: ReadonlySet<number>): Promise<number> {
  for (let port = Math.max(1, from); port <= HIGHEST_PORT; port += 1) {
    if (!reserved.has(port) && (await checkPort(port)) === 'free') return port;
  }
  throw new EnsembleError('port-in-use', `No port from ${from} up is free.`, 'Choose a lower first port.');
}

export function portsFrom(first: number): readonly number[] {
  return Array.from({ length: LOOKED_AT_PORTS }, (_, index) => first + index).filter(
    (port) => port <= HIGHEST_PORT,
  );
}

function canBind(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      // No such address family here (no IPv6): nobody can listen on it either.
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT');
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port });
    const settle = (listening: boolean): void => {
      socket.destroy();
      resolve(listening);
    };
    // Within the ephemeral range a loopback connection may, rarely, meet itself.
    socket.once('connect', () => settle(socket.localPort !== port));
    socket.once('error', () => settle(false));
    socket.setTimeout(CONNECT_MS, () => settle(true));
  });
}
