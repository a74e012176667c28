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

const usual = new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, connect: { timeout: CONNECT_MS } });
const pinned = new Map<string, Agent>();

/** The pool of connections for an address; those with a certificate of their own share none with others. */
export function connectionsTo({ certificate }: ServerAddress): Agent {
  if (certificate === undefined || certificate === null) return usual;
  const known = pinned.get(certificate);
  if (known !== undefined) return known;
  const connect = buildConnector({ timeout: CONNECT_MS, ...trust(certificate) });
  const agent = new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, connect });
  pinned.set(certificate, agent);
  return agent;
}

/** A certificate that is its own authority: nothing that another one signed is believed, and expired ones are not. */
export function trust(certificate: string): Trust {
  return { ca: certificate, checkServerIdentity: () => undefined };
}

/** "host:port", for messages. */
export function hostOf({ url }: ServerAddress): string {
  return new URL(url).host;
}

export function addressOf(where: string | ServerAddress): ServerAddress {
  return typeof where === 'string' ? { url: where } : where;
}
