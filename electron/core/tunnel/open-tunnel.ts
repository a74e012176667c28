import { createServer } from 'node:net';
import path from 'node:path';
import type { TunnelStatus } from '../../../shared/tunnel.ts';
import { InstanceLog } from '../logs/instance-log.ts';
import type { Notices } from '../notices.ts';
import { type Clock, Emitter, type Logger, type Random } from '../ports.ts';
import { runCommand } from '../programs/run-command.ts';
import type { Runtime } from '../runtime.ts';
import type { SettingsStore } from '../settings/store.ts';
import { startGuardian } from '../supervisor/guardian-client.ts';
import { ProcessRegistry } from '../supervisor/registry.ts';
import { downloadedProgram, downloadProgram, notedChecksum, RELEASES } from './download.ts';
import { web } from './fetch-file.ts';
import { ProgramFinder } from './find-program.ts';
import { ProgramKeeper } from './program.ts';
import type { TunnelSecrets } from './secrets.ts';
import { Tunnel } from './tunnel.ts';

export interface TunnelSurroundings {
  /** Of the tunnel alone. */
  readonly directory: string;
  readonly store: SettingsStore;
  readonly secrets: TunnelSecrets;
  readonly notices: Notices;
  readonly target: () => string | null;
  readonly runtime: Runtime;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
}

/** The tunnel of a control center, wired to the machine. */
export async function createTunnel(around: TunnelSurroundings): Promise<Tunnel> {
  const { directory, store, clock, logger, runtime } = around;
  const registry = await ProcessRegistry.open(path.join(directory, 'processes.json'));
  return new Tunnel({
    ...around,
    registry,
    log: new InstanceLog({ file: path.join(directory, 'cloudflared.log'), clock, logger }),
    program: programOf(around),
    settings: () => store.value,
    saveHost: (tunnelHost) => store.update((settings) => ({ ...settings, tunnelHost })),
    metricsPort: freePort,
    // One of its own: the servers may go on without us, a tunnel never.
    guard: () =>
      startGuardian({
        nodeCommand: runtime.command('guardian'),
        environment: runtime.environment,
        ...{ registry, directory, logger },
      }),
  });
}

function programOf({ directory, store, environment, platform, clock }: TunnelSurroundings): ProgramKeeper {
  return new ProgramKeeper({
    clock,
    finder: new ProgramFinder({
      configured: () => store.value.tunnelProgram,
      downloaded: downloadedProgram(directory, platform),
      checksum: () => notedChecksum(directory),
      ...{ environment, platform, run: runCommand },
    }),
    download: (onProgress, signal) =>
      downloadProgram(
        { web, releases: RELEASES, directory, platform, arch: process.arch },
        onProgress,
        signal,
      ),
  });
}

/** Tells how the tunnel is, whenever that changes. */
export class TunnelFeed {
  readonly #told = new Emitter<TunnelStatus>();

  constructor(tunnel: Tunnel) {
    // One after the other: a status takes a look at files, and the last one told must be the newest.
    let queue = Promise.resolve();
    tunnel.onChange(() => {
      if (this.#told.size === 0) return;
      queue = queue.then(async () => this.#told.emit(await tunnel.status())).catch(() => undefined);
    });
  }

  onStatus(listener: (status: TunnelStatus) => void): () => void {
    return this.#told.on(listener);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
