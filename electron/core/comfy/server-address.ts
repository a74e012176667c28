import { Agent, buildConnector } from 'undici';

/** Where a ComfyUI is and what opens it. */

export interface ServerAddress {
  /** Base URL without a trailing slash, http or https; it may have a path of its own. */
  readonly url: string;
  /** Sent with every request and WebSocket handshake; they may be secrets. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The one certificate (PEM) that is believed here, whoever signed it; null = the usual authorities. */
  readonly certificate?: string | null;
}

/** What TLS is told so that exactly one certificate is believed: the host's name does not matter then. */
export interface Trust {
  readonly ca: string;
  readonly checkServerIdentity: () => undefined;
}

/** Longer than between two polls: else each of them would connect anew. Servers that say less are believed. */
const KEEP_ALIVE_MS = 30_000;
/** Of a connection, name lookup and TLS included. Ours bound the whole exchange; this names the phase. */
const CONNECT_MS = 10_000;

const pools = new Map<string, Agent>();

/** The pool of connections for an address; those with a certificate of their own share none with others. */
export function connectionsTo(address: ServerAddress): Agent {
  const key = poolOf(address);
  const known = pools.get(key);
  if (known !== undefined) return known;
  const { certificate = null } = address;
  const own = certificate === null ? {} : trust(certificate);
  const connect = buildConnector({ timeout: CONNECT_MS, ...own });
  const agent = new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, connect });
  pools.set(key, agent);
  return agent;
}

/** What comes next connects anew, and looks the name up anew; what is under way goes on. */
export function forgetConnections(address: ServerAddress): void {
  const key = poolOf(address);
  const agent = pools.get(key);
  pools.delete(key);
  // Only what is idle is closed at once; nothing can go wrong that whoever waits does not learn.
  agent?.close().catch(() => {});
}

function poolOf({ url, certificate = null }: ServerAddress): string {
  return `${new URL(url).origin} ${certificate ?? ''}`;
}

/** Whether one certificate alone is believed there. */
export function isPinned({ certificate = null }: ServerAddress): boolean {
  return certificate !== null;
}

/** A certificate that is its own authority: nothing that another one signed is believed, and expired ones are not. */
export function trust(certificate: string): Trust {
  return { ca: certificate, checkServerIdentity: () => undefined };
}

/** Reached by https: mostly a proxy is in between. */
export function isSecure({ url }: ServerAddress): boolean {
  return url.startsWith('https:');
}

/** "host:port", for messages. */
export function hostOf({ url }: ServerAddress): string {
  return new URL(url).host;
}

export function addressOf(where: string | ServerAddress): ServerAddress {
  return typeof where === 'string' ? { url: where } : where;
}
