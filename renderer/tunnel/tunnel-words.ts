import type { Tone } from '../../shared/condition.ts';
import type { ProgramSource, TunnelProgram, TunnelState } from '../../shared/tunnel.ts';
import { formatBytes } from '../store/format.ts';

/** The tunnel in words. Pure. */

export interface TunnelWords {
  readonly word: string;
  readonly tone: Tone;
}

/** @param now ms since the epoch, for countdowns */
export function wordsOfTunnel(state: TunnelState, now: number): TunnelWords {
  switch (state.status) {
    case 'off':
      return { word: 'Closed', tone: 'neutral' };
    case 'starting':
      return { word: 'Opening', tone: 'busy' };
    case 'up':
      return { word: 'Open', tone: 'ok' };
    case 'reconnecting':
      return { word: 'Connection lost, looking for another', tone: 'warning' };
    case 'stopping':
      return { word: 'Closing', tone: 'busy' };
    case 'backing-off': {
      const seconds = Math.max(0, Math.ceil((state.until - now) / 1000));
      return { word: `Again in ${seconds} s (try ${state.attempt})`, tone: 'warning' };
    }
    default:
      return { word: 'Failed', tone: 'error' };
  }
}

const SOURCES: Readonly<Record<ProgramSource, string>> = {
  setting: 'named below',
  environment: 'named by CLOUDFLARED_PATH',
  path: 'found on PATH',
  downloaded: 'downloaded',
};

export function wordsOfProgram(program: Extract<TunnelProgram, { readonly status: 'found' }>): string {
  return `cloudflared ${program.version}, ${SOURCES[program.source]}: ${program.path}`;
}

export function wordsOfDownload({
  version,
  received,
  total,
}: Extract<TunnelProgram, { readonly status: 'downloading' }>): string {
  if (version === null) return 'Asking GitHub for the newest release of cloudflared…';
  const size = total === null ? '' : ` of ${formatBytes(total)}`;
  return `Downloading cloudflared ${version}: ${formatBytes(received)}${size}`;
}

/** What a sign-in link makes of an address. */
export function linkWith(url: string, token: string): string {
  return `${url}/?token=${encodeURIComponent(token)}`;
}
