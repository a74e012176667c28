import type { LogPage } from './logs.ts';

/** A Cloudflare tunnel to the ComfyUI address of the fleet. */

/** quick: without an account, under a name that changes with every start; named: the person's own, by a token. */
export type TunnelKind = 'quick' | 'named';

/** `since` is ms since the epoch in every arm. */
export type TunnelState =
  | { readonly status: 'off' }
  | { readonly status: 'starting'; readonly kind: TunnelKind; readonly since: number }
  | {
      readonly status: 'up';
      readonly kind: TunnelKind;
      readonly since: number;
      readonly url: string;
      /** To Cloudflare. */
      readonly connections: number;
    }
  /** It runs, and has no connection to Cloudflare now. */
  | {
      readonly status: 'reconnecting';
      readonly kind: TunnelKind;
      readonly since: number;
      readonly url: string;
    }
  | {
      readonly status: 'backing-off';
      readonly kind: TunnelKind;
      readonly since: number;
      /** When the next try begins, ms since the epoch. */
      readonly until: number;
      /** Of the next try; 2 after a first failure. */
      readonly attempt: number;
      readonly reason: string;
    }
  | { readonly status: 'stopping'; readonly kind: TunnelKind; readonly since: number }
  | ({ readonly status: 'failed'; readonly kind: TunnelKind; readonly since: number } & TunnelFailure);

export interface TunnelFailure {
  /** One sentence. */
  readonly reason: string;
  /** What the person can do; null when only the log can tell. */
  readonly remedy: string | null;
  /** The last lines of its output, oldest first, at most 20. */
  readonly lines: readonly string[];
}

export type ProgramSource = 'setting' | 'environment' | 'path' | 'downloaded';

/** The program `cloudflared`, which carries the tunnel. */
export type TunnelProgram =
  | {
      readonly status: 'found';
      readonly path: string;
      readonly source: ProgramSource;
      readonly version: string;
      /** Of the file that was downloaded and checked, hexadecimal; null for a program that was here already. */
      readonly sha256: string | null;
    }
  | { readonly status: 'missing' | 'unusable'; readonly reason: string; readonly remedy: string }
  | {
      readonly status: 'downloading';
      readonly version: string | null;
      /** Bytes. */
      readonly received: number;
      /** Bytes; null until the release has told. */
      readonly total: number | null;
    };

/** When the app starts. */
export type TunnelAtStart = 'off' | TunnelKind;

export interface TunnelStatus {
  readonly state: TunnelState;
  readonly program: TunnelProgram;
  /** What it leads to; null while the fleet has no ComfyUI address. */
  readonly target: string | null;
  /** A token of a named tunnel is kept. It is never shown. */
  readonly hasToken: boolean;
}

export type TunnelStart =
  | { readonly kind: 'quick' }
  | {
      readonly kind: 'named';
      /** The public name that its owner routed to it, e.g. "comfy.example.com". */
      readonly host: string;
      /** null = the one that is kept. */
      readonly token: string | null;
    };

/** A name of the DNS, neither an address nor a name of this machine alone. */
export const PUBLIC_NAME =
  /^(?=[^.]+\.)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])$/i;

export interface TunnelCommands {
  'tunnel.status': { readonly args: Readonly<Record<string, never>>; readonly result: TunnelStatus };
  /** Makes the ComfyUI address public, behind its token. Resolves when the start has begun; progress arrives as state. */
  'tunnel.start': { readonly args: TunnelStart; readonly result: null };
  /** Resolves after the observed exit. */
  'tunnel.stop': { readonly args: Readonly<Record<string, never>>; readonly result: null };
  /** Fetches `cloudflared` of its official release into the data directory; progress arrives as state. */
  'tunnel.download': {
    readonly args: Readonly<Record<string, never>>;
    readonly result: { readonly path: string; readonly version: string; readonly sha256: string };
  };
  /** As logs.read, of the program's output. */
  'tunnel.log': {
    readonly args: { readonly after: number | null; readonly limit: number; readonly waitMs: number };
    readonly result: LogPage;
  };
}

/** Under which the world reaches it; null while it does not. */
export function publicUrlOf(state: TunnelState): string | null {
  return state.status === 'up' || state.status === 'reconnecting' ? state.url : null;
}

/** Somebody wants it: it runs, or is about to. */
export function isTunnelOn({ status }: TunnelState): boolean {
  return status !== 'off' && status !== 'failed' && status !== 'stopping';
}
