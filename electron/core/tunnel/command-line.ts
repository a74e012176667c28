import path from 'node:path';
import { childEnvironment } from '../supervisor/child-environment.ts';
import type { LaunchPlan } from '../supervisor/launch-plan.ts';

/** What cloudflared is started with. Pure. */

export type TunnelPlan = Pick<LaunchPlan, 'file' | 'args' | 'cwd' | 'environment'>;

export type TunnelWish = { readonly kind: 'quick' } | { readonly kind: 'named'; readonly host: string };

export interface TunnelPlanRequest {
  readonly program: string;
  /** Ours; holds the configuration file, the log and the pid file. */
  readonly directory: string;
  readonly metricsPort: number;
  /** The ComfyUI address on this machine. */
  readonly target: string;
  /** Of a named tunnel; null = a quick one. */
  readonly token: string | null;
  readonly inherited: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

const PID_FLAG = '--pidfile';

/** The words of its command line that no other tunnel on this machine has. */
export function tunnelMarker(directory: string): string {
  return `${PID_FLAG} ${pidFile(directory)}`;
}

function pidFile(directory: string): string {
  return path.join(directory, 'cloudflared.pid');
}

/** A configuration of the person's own, in the home folder, keeps quick tunnels from starting: ours stands in for it. */
export function configFile(directory: string): string {
  return path.join(directory, 'config.yml');
}

export const CONFIG_TEXT = 'no-autoupdate: true\n';

/** The token goes by the environment: everybody may read command lines. */
export function planTunnel(request: TunnelPlanRequest): TunnelPlan {
  const { program, directory, metricsPort, target, token } = request;
  const metrics = `127.0.0.1:${metricsPort}`;
  const files = ['--config', configFile(directory), PID_FLAG, pidFile(directory)];
  const before = ['tunnel', ...files, '--no-autoupdate', '--metrics', metrics];
  return {
    file: program,
    args: token === null ? [...before, '--url', target] : [...before, 'run'],
    cwd: directory,
    environment: environmentOf(request),
  };
}

/** Every flag of cloudflared has a variable too: one that happens to be set must not change what we ask for. */
function environmentOf({
  program,
  token,
  inherited,
  platform,
}: TunnelPlanRequest): TunnelPlan['environment'] {
  const cleaned = Object.entries(inherited).filter(([name]) => !/^(?:TUNNEL_|NO_AUTOUPDATE$)/i.test(name));
  return childEnvironment({
    inherited: Object.fromEntries(cleaned),
    program: {},
    own: token === null ? {} : { TUNNEL_TOKEN: token },
    file: program,
    simulated: false,
    platform,
  });
}
