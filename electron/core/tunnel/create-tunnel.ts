import { createServer } from 'node:net';
import path from 'node:path';
import type { ControlCenterOptions } from '../control-center.ts';
import type { GatewayFeed } from '../gateway/gateway-feed.ts';
import { InstanceLog } from '../logs/instance-log.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Random } from '../ports.ts';
import { runCommand } from '../programs/run-command.ts';
import type { Secrets } from '../settings/secrets.ts';
import type { SettingsStore } from '../settings/store.ts';
import { startGuardian } from '../supervisor/guardian-client.ts';
import { ProcessRegistry } from '../supervisor/registry.ts';
import { downloadedProgram, downloadProgram, notedChecksum, RELEASES } from './download.ts';
import { web } from './fetch-file.ts';
import { ProgramFinder } from './find-program.ts';
import { ProgramKeeper } from './program.ts';
import { Tunnel } from './tunnel.ts';

export interface TunnelSurroundings {
  /** Of the tunnel alone. */
  readonly directory: string;
  readonly store: SettingsStore;
  readonly secrets: Secrets;
  readonly notices: Notices;
  /** The ComfyUI address on this machine; null while there is none. */
  readonly target: () => string | null;
  readonly gatewayFeed: GatewayFeed;
  readonly options: Pick<ControlCenterOptions, 'runtime' | 'environment' | 'platform' | 'logger'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The tunnel of a control center, wired to the machine. */
export async function createTunnel(around: TunnelSurroundings): Promise<Tunnel> {
  const { directory, store, secrets, clock, notices, gatewayFeed } = around;
  const { runtime, logger } = around.options;
  for (const problem of secrets.problems) {
    notices.add('warning', 'The token of the tunnel cannot be read', problem);
  }
  const registry = await ProcessRegistry.open(path.join(directory, 'processes.json'));
  const tunnel = new Tunnel({
    ...{ ...around, ...around.options, registry },
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
  gatewayFeed.onStatus(() => tunnel.followTarget());
  let url = tunnel.url;
  tunnel.onChange(() => {
    if (url !== tunnel.url) gatewayFeed.changed();
    url = tunnel.url;
  });
  return tunnel;
}

function programOf({ directory, store, options, clock }: TunnelSurroundings): ProgramKeeper {
  const { environment, platform } = options;
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

export function freePort(): Promise<number> {
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
