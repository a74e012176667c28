import { isIP } from 'node:net';

/** Which names this server answers to. A page of another site may reach our port, but not under one of these names. */

export interface OwnAddress {
  /** What we listen on, e.g. "127.0.0.1" or "0.0.0.0". */
  readonly host: string;
  readonly port: number;
  /** The machine's own name, valid once the server is open to the network. */
  readonly hostname: string;
  /** Further "name" or "name:port", e.g. of a reverse proxy. */
  readonly allowedHosts: readonly string[];
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];
const WILDCARDS = ['0.0.0.0', '::'];

export function isWildcard(host: string): boolean {
  return WILDCARDS.includes(host);
}

export function isAllowedHost(header: string | undefined, own: OwnAddress): boolean {
  const given = splitHost(header);
  if (given === null) return false;
  const isExtra = own.allowedHosts.some((allowed) => {
    const parts = splitHost(allowed);
    return parts?.name === given.name && (parts.port === null || parts.port === given.port);
  });
  if (isExtra) return true;
  if ((given.port ?? 80) !== own.port) return false;
  if (LOOPBACK.includes(given.name) || given.name === bracketed(own.host)) return true;
  // An open server cannot know all its addresses; only names can be turned against us (DNS rebinding).
  if (!isWildcard(own.host)) return false;
  const machine = own.hostname.toLowerCase();
  return isAddress(given.name) || given.name === machine || given.name === `${machine}.local`;
}

/** The page that asks must be our own, under the very name that it asks by. */
export function isOwnOrigin(origin: string, host: string): boolean {
  const lower = host.toLowerCase();
  // https: behind a proxy that ends TLS.
  return [`http://${lower}`, `https://${lower}`].includes(origin.toLowerCase());
}

/** "::1" → "[::1]", as it stands in URLs and Host headers. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host.toLowerCase();
}

/** @param text "name", "name:port" or "[address]:port" */
export function splitHost(
  text: string | undefined,
): { readonly name: string; readonly port: number | null } | null {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text ?? '') ?? [];
  if (name === undefined) return null;
  return { name: name.toLowerCase(), port: port === undefined ? null : Number(port) };
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}
