import type { AgentLinkState } from '../../shared/agents.ts';
import type { Tone } from '../../shared/condition.ts';
import type { FoundKind, FoundPlace } from '../../shared/discovery.ts';
import type { RemoteDraft } from '../../shared/remote.ts';

/** Other machines in words. Pure. */

export interface LinkWords {
  readonly word: string;
  readonly tone: Tone;
  /** What more there is to say; null when nothing. */
  readonly more: string | null;
}

export function linkWords(link: AgentLinkState): LinkWords {
  switch (link.status) {
    case 'online':
      return { word: 'Connected', tone: 'ok', more: null };
    case 'connecting':
      return { word: 'Connecting', tone: 'busy', more: null };
    case 'offline':
      return { word: 'Not reachable', tone: 'error', more: `${sentence(link.reason)} It is tried again.` };
    case 'refused':
      return { word: 'Refused', tone: 'error', more: sentence(link.reason) };
  }
}

/** "2 GPUs: RTX 4090, RTX 3090", or what stands in their place. */
export function gpuWords(gpus: readonly string[]): string {
  const names = gpus.map((name) => name.replace(/^NVIDIA (?:GeForce )?/, ''));
  if (names.length === 0) return 'GPUs not known yet';
  return `${names.length} ${names.length === 1 ? 'GPU' : 'GPUs'}: ${names.join(', ')}`;
}

export const KINDS: Readonly<Record<FoundKind, string>> = {
  agent: 'Agent',
  'control-center': 'Control center',
  gateway: 'A fleet’s ComfyUI address',
  comfyui: 'ComfyUI',
};

/** Those that can become workers by their address alone. */
export function isServer({ kind }: FoundPlace): boolean {
  return kind === 'comfyui' || kind === 'gateway';
}

/** What a worker dialog begins with when this place is picked. */
export function draftOfFound({ name, host, port }: Pick<FoundPlace, 'name' | 'host' | 'port'>): RemoteDraft {
  return {
    ...{ type: 'remote', name, host, port, secure: false, path: '' },
    certificate: null,
    access: { kind: 'none' },
  };
}

/** "[::1]:8290": as it stands in an address. */
export function placeWords({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Reasons come from programs: without capital and full stop. */
function sentence(text: string): string {
  const whole = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(whole) ? whole : `${whole}.`;
}
