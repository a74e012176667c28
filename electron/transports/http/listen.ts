import { createServer, type Server } from 'node:net';
import { EnsembleError } from '../../../shared/errors.ts';

/** How far above a taken port a free one is looked for. */
const REACH = 100;
const LAST_PORT = 65_535;

/**
 * @param fallback take the next free port instead of failing: nobody asked for this very one
 * @throws EnsembleError('port-in-use' | 'bad-argument' | 'unavailable')
 */
export async function listen(server: Server, host: string, port: number, fallback: boolean): Promise<number> {
  try {
    return await tryListen(server, host, port);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw explained(error, host, port);
  }
  const free = await nextFree(host, port);
  if (free === null || !fallback) throw portInUse(port, free);
  return listen(server, host, free, fallback);
}

function tryListen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error): void => {
      server.removeListener('listening', onListening);
      reject(error);
    };
    const onListening = (): void => {
      server.removeListener('error', onError);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    };
    server.once('error', onError);
    server.once('listening', onListening);
    server.listen({ host, port });
  });
}

async function nextFree(host: string, port: number): Promise<number | null> {
  for (let next = port + 1; next <= Math.min(LAST_PORT, port + REACH); next += 1) {
    const probe = createServer();
    try {
      await tryListen(probe, host, next);
      await new Promise((resolve) => probe.close(resolve));
      return next;
    } catch {
      // Taken as well, or not ours to take: the next one.
    }
  }
  return null;
}

function portInUse(port: number, free: number | null): EnsembleError {
  return new EnsembleError(
    'port-in-use',
    `Port ${port} is already in use on this machine.`,
    free === null ? 'Choose another one with --port.' : `Port ${free} is free: use --port ${free}.`,
  );
}

function explained(error: unknown, host: string, port: number): EnsembleError {
  const options = { cause: error };
  switch (codeOf(error)) {
    case 'EACCES':
      return new EnsembleError(
        'unavailable',
        `This user may not listen on port ${port}.`,
        'Choose a port above 1023 with --port.',
        [],
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new EnsembleError(
        'bad-argument',
        `This machine has no address “${host}” to listen on.`,
        'Use --host 127.0.0.1 for this machine only, or 0.0.0.0 for the network.',
        [{ field: '--host', message: 'must be an address of this machine' }],
        options,
      );
    default:
      return new EnsembleError(
        'unavailable',
        `The page cannot be served on ${host}:${port}.`,
        null,
        [],
        options,
      );
  }
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
