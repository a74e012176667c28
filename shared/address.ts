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

/** @param text "host", "host:port", "[v6]:port", a URL (http, https, ws, wss), with or without a path, blanks, quotes */
export function parseAddress(text: string): AddressReading {
  if (text.length > MOST_CHARACTERS) return wrong('That is too long for an address.');
  const pasted = unwrapped(text);
  if (pasted === '') return wrong('Enter the address of a ComfyUI, e.g. 192.168.1.20:8188.');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(pasted)?.[1]?.toLowerCase() ?? null;
  if (scheme !== null && !['http', 'https', 'ws', 'wss'].includes(scheme)) {
    return wrong(`“${scheme}://” is not an address of a ComfyUI: use http:// or https://.`);
  }
  const rest = scheme === null ? pasted : pasted.slice(scheme.length + 3);
  const [, authority = '', tail = ''] = /^([^/?#\\]*)(.*)$/s.exec(rest) ?? [];
  if (authority.includes('@')) {
    return wrong('Leave out the user and password: they belong into the access fields.');
  }
  const parts = hostAndPort(authority);
  if (typeof parts === 'string') return wrong(parts);
  const host = canonicalHost(parts.host);
  if (host === null) return wrong(`“${parts.host}” is not a name or an address of a machine.`);
  const path = basePath(tail);
  if (path === null) return wrong('The part after the host is not a path.');
  return { ok: true, address: placed(scheme, host, parts.port, path) };
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
  if (bare.includes(':')) return isIpv6(bare) ? bare : null;
  if (/^[0-9.]+$/.test(bare)) return isIpv4(bare) ? bare : null;
  const labels = bare.split('.');
  const sound = labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return sound && bare.length <= 253 ? bare : null;
}

/** The names by which a machine means itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}

function placed(scheme: string | null, host: string, port: number | null, path: string): ParsedAddress {
  if (HTTPS_ONLY.some((suffix) => host.endsWith(suffix))) {
    return { host, port: HTTPS_PORT, secure: true, path, type: 'cloud' };
  }
  const secure = scheme === null ? port === HTTPS_PORT : scheme === 'https' || scheme === 'wss';
  const guessed = scheme === null ? COMFYUI_PORT : secure ? HTTPS_PORT : HTTP_PORT;
  return { host, port: port ?? guessed, secure, path, type: secure ? 'cloud' : 'remote' };
}

/** Blanks, quotes, brackets and full stops that came along from a chat or a log. */
function unwrapped(text: string): string {
  return text
    .trim()
    .replace(/^[<"'`(]+/, '')
    .replace(/[>"'`),;.]+$/, '')
    .trim();
}

function hostAndPort(authority: string): { readonly host: string; readonly port: number | null } | string {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(authority);
  const colons = authority.split(':').length - 1;
  const bare = colons > 1 && bracketed === null;
  const plain = bare ? ['', authority] : (/^([^:]*)(?::(.*))?$/.exec(authority) ?? []);
  const [, host = '', digits] = bracketed ?? plain;
  if (host === '') return 'There is no host in it: write e.g. 192.168.1.20:8188.';
  if (digits === undefined || digits === '') return { host, port: null };
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) return `“${digits.slice(0, 20)}” is not a port: ports go from 1 to 65535.`;
  return { host, port };
}

/** Only what stands in front of ComfyUI's own routes is kept: a pasted page address ends in its routes and its query. */
function basePath(tail: string): string | null {
  const [raw = ''] = tail.split(/[?#]/);
  if (raw.includes('\\') || /[\s\0]/.test(raw)) return null;
  const segments = raw.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) return null;
  const end = segments.findIndex((segment) => OWN_ROUTES.has(segment.toLowerCase()));
  const kept = end < 0 ? segments : segments.slice(0, end);
  return kept.length === 0 ? '' : `/${kept.join('/')}`;
}

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

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return (
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
  );
}

/** Without a zone ("%eth0"): URLs know none. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const embedded = last?.includes('.') ?? false;
  if (embedded && !isIpv4(last ?? '')) return false;
  const plain = embedded ? groups.slice(0, -1) : groups;
  const count = plain.length + (embedded ? 2 : 0);
  if (!plain.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
}

function wrong(problem: string): AddressReading {
  return { ok: false, problem };
}
