import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { isTunnelOn, type TunnelStart, type TunnelState, type TunnelStatus } from '../../../shared/tunnel.ts';
import { type Clock, sleep } from '../../core/ports.ts';
import type { TunnelOrder } from '../orders.ts';
import type { Terminal } from '../terminal.ts';

const POLL_MS = 300;

export interface TunnelSurroundings {
  readonly terminal: Terminal;
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Asks a person yes or no; null where nobody sits. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
}

/** `ensemble tunnel start|stop|status|download`. */
export async function changeTunnel(
  client: ControlClient,
  order: TunnelOrder,
  around: TunnelSurroundings,
): Promise<void> {
  const { terminal } = around;
  switch (order.action) {
    case 'start':
      return startTunnel(client, order, around);
    case 'stop':
      await client.invoke('tunnel.stop', {});
      break;
    case 'download': {
      if (!order.json) terminal.print('Downloading cloudflared of its official release…');
      const { path, version, sha256 } = await client.invoke('tunnel.download', {});
      if (!order.json) terminal.print(`cloudflared ${version}: ${path}\nSHA-256, as published: ${sha256}`);
      break;
    }
    default:
  }
  if (order.action === 'download' && !order.json) return;
  print(await client.invoke('tunnel.status', {}), order, terminal);
}

async function startTunnel(
  client: ControlClient,
  order: TunnelOrder,
  around: TunnelSurroundings,
): Promise<void> {
  const { terminal } = around;
  const before = await client.invoke('tunnel.status', {});
  if (isTunnelOn(before.state)) {
    print(before, order, terminal);
    return;
  }
  refuseWithoutProgram(before);
  await agree(order, around);
  await client.invoke('tunnel.start', startOf(order, around.environment));
  print(await settled(client, around.clock), order, terminal);
}

/** The token never stands on a command line: everybody on the machine may read those. */
function startOf({ host }: TunnelOrder, environment: NodeJS.ProcessEnv): TunnelStart {
  if (host === null) return { kind: 'quick' };
  return { kind: 'named', host, token: environment['TUNNEL_TOKEN'] || null };
}

function refuseWithoutProgram({ program }: TunnelStatus): void {
  if (program.status === 'found') return;
  if (program.status === 'downloading') {
    throw new EnsembleError('not-ready', 'cloudflared is being downloaded.', 'Try again in a moment.');
  }
  const hint =
    program.status === 'missing'
      ? 'Fetch it with `ensemble tunnel download`, or install it yourself.'
      : program.remedy;
  throw new EnsembleError('unavailable', program.reason, hint);
}

const PUBLIC =
  'The ComfyUI address of the fleet becomes reachable from the whole internet. Whoever has its token can queue workflows, ' +
  'upload files and see every picture; whoever has not gets nothing.';

async function agree({ yes }: TunnelOrder, { ask, terminal }: TunnelSurroundings): Promise<void> {
  if (yes) return;
  if (ask === null) {
    throw EnsembleError.badArgument('--yes', PUBLIC, 'If you want that, say so: ensemble tunnel start --yes');
  }
  terminal.printError(PUBLIC);
  if (await ask('Open the tunnel? (y/N) ')) return;
  throw new EnsembleError('unavailable', 'The tunnel stays closed.');
}

/** Until it is up, or will not be for now. */
async function settled(client: ControlClient, clock: Clock): Promise<TunnelStatus> {
  for (;;) {
    const status = await client.invoke('tunnel.status', {});
    if (status.state.status !== 'starting') return status;
    await sleep(clock, POLL_MS);
  }
}

function print(status: TunnelStatus, { json, action }: TunnelOrder, terminal: Terminal): void {
  const { state } = status;
  if (json) terminal.print(JSON.stringify(status));
  const isBad = action === 'start' && (state.status === 'failed' || state.status === 'backing-off');
  if (isBad) throw new EnsembleError('unavailable', state.reason, remedyOf(state));
  if (!json) for (const line of linesOf(status)) terminal.print(line);
}

function remedyOf(state: Extract<TunnelState, { readonly status: 'failed' | 'backing-off' }>): string | null {
  if (state.status === 'failed') return state.remedy;
  return 'It is tried again by itself; `ensemble tunnel status` shows how it goes, `ensemble tunnel stop` ends it.';
}

function linesOf({ state, program, target }: TunnelStatus): readonly string[] {
  switch (state.status) {
    case 'up':
      return [
        `The tunnel is up: ${state.url}`,
        `It leads to ${target ?? 'the fleet'}, for everybody who has the token (ensemble gateway --show-token).`,
      ];
    case 'reconnecting':
      return [`The tunnel ${state.url} has lost its connection to Cloudflare and looks for another one.`];
    case 'starting':
      return ['The tunnel starts.'];
    case 'stopping':
      return ['The tunnel closes.'];
    case 'backing-off':
      return [`${state.reason} Try ${state.attempt} begins at ${new Date(state.until).toISOString()}.`];
    case 'failed':
      return [`The tunnel is closed: ${state.reason}`, ...(state.remedy === null ? [] : [state.remedy])];
    default:
      return [
        'There is no tunnel.',
        program.status === 'found' ? `cloudflared ${program.version}: ${program.path}` : wordsOf(program),
      ];
  }
}

function wordsOf(program: Exclude<TunnelStatus['program'], { readonly status: 'found' }>): string {
  return program.status === 'downloading' ? 'cloudflared is being downloaded.' : program.reason;
}
