import type { TunnelFailure, TunnelKind } from '../../../shared/tunnel.ts';
import type { Exit } from '../supervisor/child-process.ts';

/** What the output of cloudflared says. Its lines are for people, so that only what is certain is taken from them. Pure. */

/** The line of the box; every other line with such a name speaks of something else, api.trycloudflare.com above all. */
const BOXED_URL = /\|\s+https:\/\/((?!api\.)[a-z0-9-]+\.trycloudflare\.com)\s+\|\s*$/;
const MOST_LINES = 20;

/** @returns the public name of a quick tunnel; null when the line does not tell one */
export function quickHostIn(line: string): string | null {
  return BOXED_URL.exec(line)?.[1] ?? null;
}

export interface TunnelDeath extends TunnelFailure {
  /** again: as soon as the policy allows; later: Cloudflare asks for patience; never: only a person can change it. */
  readonly retry: 'again' | 'later' | 'never';
}

interface Rule {
  readonly sign: RegExp;
  readonly reason: string;
  readonly remedy: string;
  readonly retry: TunnelDeath['retry'];
}

const RULES: readonly Rule[] = [
  {
    sign: /429 Too Many Requests|error code: 1015/,
    reason: 'Cloudflare gives this network no more quick tunnels for the moment (too many requests).',
    remedy: 'Wait some minutes; a named tunnel has no such limit.',
    retry: 'later',
  },
  {
    sign: /failed to request quick Tunnel/,
    reason: 'Cloudflare’s service for quick tunnels could not be reached.',
    remedy:
      'Check the connection to the internet, and whether a firewall lets https to trycloudflare.com through.',
    retry: 'again',
  },
  {
    sign: /failed to (?:unmarshal|parse|read) quick[- ]tunnel/i,
    reason: 'Cloudflare’s service for quick tunnels gave an answer that is none.',
    remedy: 'Try again in some minutes, or use a named tunnel.',
    retry: 'again',
  },
  {
    sign: /Provided Tunnel token is not valid/i,
    reason: 'The token is no tunnel token.',
    remedy:
      'Copy all of it from the Cloudflare dashboard: Networks, Tunnels, the tunnel, “Install connector”.',
    retry: 'never',
  },
  {
    sign: /Unauthorized: |Tunnel not found|Invalid tunnel secret/i,
    reason: 'Cloudflare does not accept the token: the tunnel was deleted, or its token was made anew.',
    remedy: 'Copy the token again from the Cloudflare dashboard: Networks, Tunnels.',
    retry: 'never',
  },
  {
    sign: /flag provided but not defined|No help topic for/i,
    reason: 'This cloudflared is too old for what it is asked.',
    remedy: 'Update it, or download the current one in Settings, “Tunnel”.',
    retry: 'never',
  },
  {
    sign: /failed to dial to edge|Unable to establish connection with Cloudflare edge|TLS handshake with edge error|hard_fail=true/i,
    reason: 'Cloudflare could not be connected to.',
    remedy: 'Let this machine reach Cloudflare on port 7844 (UDP and TCP), or try another network.',
    retry: 'again',
  },
];

/** @param lines its own output, oldest first */
export function deathOf(lines: readonly string[], exit: Exit): TunnelDeath {
  const last = lines.slice(-MOST_LINES);
  const rule = RULES.find(({ sign }) => last.some((line) => sign.test(line)));
  if (rule !== undefined) {
    return { reason: rule.reason, remedy: rule.remedy, retry: rule.retry, lines: last };
  }
  const said = last.filter((line) => / (?:ERR|FTL) /.test(line)).map(wordsOf);
  const how = exit.signal === null ? `exit code ${exit.code ?? 'unknown'}` : exit.signal;
  const reason = said.at(-1) ?? '';
  return {
    reason: reason === '' ? `cloudflared ended (${how}).` : `cloudflared ended: ${reason} (${how}).`,
    remedy: 'Its log tells more.',
    retry: 'again',
    lines: last,
  };
}

/** @param seconds for which it was given time */
export function neverReady(kind: TunnelKind, seconds: number, lines: readonly string[]): TunnelDeath {
  const known = deathOf(lines, { code: null, signal: null });
  if (RULES.some(({ reason }) => reason === known.reason)) return known;
  return {
    reason: `The tunnel had no connection to Cloudflare for ${seconds} seconds.`,
    remedy:
      kind === 'quick'
        ? 'Check the connection to the internet: cloudflared needs port 7844 (UDP or TCP).'
        : 'Check the connection to the internet, and the state of the tunnel in the Cloudflare dashboard.',
    retry: 'again',
    lines: known.lines,
  };
}

/** "2026-01-01T00:00:00Z ERR Initiating shutdown error=…" → "Initiating shutdown error=…" */
function wordsOf(line: string): string {
  return line
    .replace(/^\S+ (?:ERR|FTL) +/, '')
    .trim()
    .replace(/\.$/, '')
    .slice(0, 200);
}
