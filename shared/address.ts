import { canonicalIpv6, isIpv4 } from './ip.ts';
import type { RemotePlace, RemoteType } from './remote.ts';

/** Takes apart whatever a person pastes as the address of a ComfyUI. Pure text: nobody is asked. */

export interface ParsedAddress extends RemotePlace {
  /** Where such an address usually lives. */
  readonly type: RemoteType;
}

export type AddressReading =
  | { readonly ok: true; readonly address: ParsedAddress }
  /** One sentence that says what is wrong and how to mend it. */
  | { readonly ok: false; readonly problem: string };

const MOST_CHARACTERS = 2048;
const COMFYUI_PORT = 8188;
const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/** Names behind which a proxy speaks https on 443 and nothing else, whatever port the server itself has. */
const HTTPS_ONLY = [
  '.proxy.runpod.net',
  '.trycloudflare.com',
  '.cloudflare.dev',
  '.ngrok-free.app',
  '.ngrok-free.dev',
  '.ngrok.io',
  '.ngrok.app',
  '.modal.run',
  '.hf.space',
  '.lightning.ai',
] as const;

/**
 * @param text "host", "host:port", "[v6]:port", a URL (http, https, ws, wss), with or without a path, blanks, quotes, or
 *   a line of a log with a URL in it
 * @param usual what a host stands for that says neither scheme nor port: http on 8188, or https on 443 for "cloud"
 */
export function parseAddress(text: string, usual: RemoteType = 'remote'): AddressReading {
  if (text.length > MOST_CHARACTERS) return wrong('That is too long for an address.');
  const pasted = unwrapped(text);
  if (pasted === '') return wrong('Enter the address of a ComfyUI, e.g. 192.168.1.20:8188.');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(pasted)?.[1]?.toLowerCase() ?? null;
  if (scheme !== null && !['http', 'https', 'ws', 'wss'].includes(scheme)) {
    return wrong(`“${shortened(scheme)}://” is not an address of a ComfyUI: use http:// or https://.`);
  }
  const rest = scheme === null ? pasted : pasted.slice(scheme.length + 3);
  const [, authority = '', tail = ''] = /^([^/?#\\]*)(.*)$/s.exec(rest) ?? [];
  if (authority.includes('@')) {
    return wrong('Leave out the user and password: they belong into the access fields.');
  }
  const parts = hostAndPort(authority);
  if (typeof parts === 'string') return wrong(parts);
  const host = canonicalHost(parts.host);
  if (host === null) return wrong(hostProblem(parts.host));
  if (host === '0.0.0.0' || host === '::') {
    return wrong(
      `“${host}” stands for every address of a machine: write the one that it has in your network.`,
    );
  }
  const path = basePath(tail);
  if (path === null) return wrong('What follows the host is not a path: write e.g. /comfy, or nothing.');
  return { ok: true, address: placed(scheme, host, parts.port, path, usual) };
}

/** "http://[::1]:8188/comfy": without a trailing slash, the port left out where the scheme says it. */
export function urlOf({ host, port, secure, path }: RemotePlace): string {
  const usual = secure ? HTTPS_PORT : HTTP_PORT;
  const name = host.includes(':') ? `[${host}]` : host;
  return `${secure ? 'https' : 'http'}://${name}${port === usual ? '' : `:${port}`}${path}`;
}

/** Host and port as one word for people, e.g. "gpu.local:8188", "[::1]:8188"; of https on 443 the host alone. */
export function placeName({ host, port, secure }: RemotePlace): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return secure && port === HTTPS_PORT ? name : `${name}:${port}`;
}

/** One spelling per host; null when it is none. IPv6 comes and goes without brackets. */
export function canonicalHost(host: string): string | null {
  const bare = host.toLowerCase().replace(/\.$/, '');
  if (bare.includes(':')) return canonicalIpv6(bare);
  if (isIpv4(bare)) return bare;
  const labels = bare.split('.');
  // "127.1" and "0x7f.1" are numbers in disguise to every browser.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '')) return null;
  const sound = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return sound && bare.length <= 253 ? bare : null;
}

/** The names by which a machine means itself. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIpv4(host) && /^127\./.test(host))
  );
}

function placed(
  scheme: string | null,
  host: string,
  port: number | null,
  path: string,
  usual: RemoteType,
): ParsedAddress {
  if (HTTPS_ONLY.some((suffix) => host.endsWith(suffix))) {
    return { host, port: HTTPS_PORT, secure: true, path, type: 'cloud' };
  }
  if (scheme === null && port === null) {
    const secure = usual === 'cloud';
    return { host, port: secure ? HTTPS_PORT : COMFYUI_PORT, secure, path, type: usual };
  }
  const secure = scheme === null ? port === HTTPS_PORT : scheme === 'https' || scheme === 'wss';
  return {
    host,
    port: port ?? (secure ? HTTPS_PORT : HTTP_PORT),
    secure,
    path,
    type: secure ? 'cloud' : 'remote',
  };
}

/** Blanks, quotes, brackets and full stops that came along from a chat; of a line of a log only the URL in it. */
function unwrapped(text: string): string {
  const trimmed = text.trim();
  const url = /\s/.test(trimmed) ? /\b(?:https?|wss?):\/\/\S+/i.exec(trimmed)?.[0] : undefined;
  return (url ?? trimmed)
    .replace(/^[<"'`(“‘«]+/, '')
    .replace(/[>"'`),;.”’»]+$/, '')
    .trim();
}

function hostAndPort(authority: string): { readonly host: string; readonly port: number | null } | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/s.exec(authority);
  const colons = authority.split(':').length - 1;
  const bare = colons > 1 && bracketed === null;
  const plain = bare ? ['', authority] : (/^([^:]*)(?::(.*))?$/s.exec(authority) ?? []);
  const [, host = '', digits] = bracketed ?? plain;
  if (host === '') return 'There is no host in it: write e.g. 192.168.1.20:8188.';
  if (bracketed !== null && !host.includes(':')) return hostProblem(authority);
  if (digits === undefined || digits === '') return { host, port: null };
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return `“${shortened(digits)}” is not a port: ports go from 1 to 65535.`;
  return { host, port };
}

function hostProblem(host: string): string {
  if (host.includes(':') && host.includes('%')) {
    return 'Leave out what follows the “%”: the address of a network card cannot be asked for.';
  }
  return `“${shortened(host)}” is not a name or an address of a machine: write e.g. 192.168.1.20 or gpu-box.local.`;
}

/** Only what stands in front of ComfyUI's own routes is kept: a pasted page address ends in its routes and its query. */
function basePath(tail: string): string | null {
  const [raw = ''] = tail.split(/[?#]/);
  if (!/^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/.test(raw)) return null;
  const segments = raw.split('/').filter((segment) => segment !== '' && !DOT.test(segment));
  if (segments.some((segment) => DOTS.test(segment))) return null;
  const end = segments.findIndex((segment) => OWN_ROUTES.has(segment.toLowerCase()));
  const kept = end < 0 ? segments : segments.slice(0, end);
  return kept.length === 0 ? '' : `/${kept.join('/')}`;
}

const DOT = /^(?:\.|%2e)$/i;
const DOTS = /^(?:\.|%2e){2}$/i;

/** First parts of ComfyUI's own routes that people copy from a browser. */
const OWN_ROUTES: ReadonlySet<string> = new Set([
  'index.html',
  'prompt',
  'queue',
  'history',
  'system_stats',
  'object_info',
  'view',
  'ws',
  'api',
]);

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function wrong(problem: string): AddressReading {
  return { ok: false, problem };
}
