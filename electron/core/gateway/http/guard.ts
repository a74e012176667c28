import type { IncomingMessage } from 'node:http';
import { isOwnOrigin, splitHost } from '../../access/origins.ts';
import { isAddress, isLoopback, plainAddress } from '../access/addresses.ts';

/**
 * Under which names the gateway answers, and to which pages: programs, and pages that it served itself. A page of another
 * site may reach our port, but neither under one of these names (DNS rebinding) nor from its own origin. Pure.
 */

export type Head = Pick<IncomingMessage, 'headers' | 'method' | 'rawHeaders'>;

export interface OwnNames {
  readonly port: number;
  /** The address of this machine at which the request came in. */
  readonly reachedAt: string;
  /** This machine's own name; null while it is not open to others. */
  readonly hostname: string | null;
  /** Further "name" or "name:port" that a person has listed. */
  readonly listed: readonly string[];
  /** The name that a tunnel gives it in the world; null while there is none. */
  readonly tunnel: string | null;
}

const OTHER_SITE = 'Pages of other sites may not ask here.';
/** Whatever is said twice is understood in two ways. */
const ONCE = ['host', 'origin', 'authorization'];

/** @returns why the request is refused, in words; null when it may pass */
export function refusalOf(request: Head, own: OwnNames): string | null {
  const twice = ONCE.find((name) => countOf(request.rawHeaders, name) > 1);
  if (twice !== undefined) return `The header “${twice}” may be there once only.`;
  const { host = '', origin } = request.headers;
  if (!isOwnHost(host, own)) {
    return 'This is no name of this address. Names can be added in Settings, “ComfyUI address”.';
  }
  if (origin !== undefined && !isFromHere(origin, host, own)) return OTHER_SITE;
  const site = request.headers['sec-fetch-site'] ?? 'none';
  const isOwnSite = site === 'same-origin' || site === 'none';
  return isOwnSite || isVisit(request) ? null : OTHER_SITE;
}

/** A name that means this machine on every machine. */
export function isLocalName(host: string | undefined): boolean {
  const name = splitHost(host)?.name ?? '';
  return name === 'localhost' || isLoopback(name);
}

/** A tunnel ends TLS on its usual port. */
export function isTunnelName(host: string | undefined, { tunnel }: Pick<OwnNames, 'tunnel'>): boolean {
  const given = splitHost(host);
  return tunnel !== null && given?.name === tunnel && (given.port === null || given.port === 443);
}

function isOwnHost(host: string, own: OwnNames): boolean {
  const given = splitHost(host);
  if (given === null) return false;
  if (isTunnelName(host, own)) return true;
  if (own.listed.some((entry) => isListed(given, entry))) return true;
  if ((given.port ?? 80) !== own.port) return false;
  if (isLocalName(given.name)) return true;
  if (isAddress(given.name)) return plainAddress(given.name) === plainAddress(own.reachedAt);
  const machine = own.hostname?.toLowerCase();
  return machine !== undefined && (given.name === machine || given.name === `${machine}.local`);
}

/** An entry without a port means any: behind a proxy it is the proxy’s. */
function isListed(given: { readonly name: string; readonly port: number | null }, entry: string): boolean {
  const listed = splitHost(entry);
  return listed?.name === given.name && (listed.port === null || listed.port === given.port);
}

/** The page that asks was served by us under that very name; all loopback names are one. */
function isFromHere(origin: string, host: string, { port }: OwnNames): boolean {
  if (isOwnOrigin(origin, host)) return true;
  const [, authority] = /^http:\/\/([^/]+)$/i.exec(origin) ?? [];
  const isSamePort = (splitHost(authority)?.port ?? 80) === port;
  return isSamePort && isLocalName(authority) && isLocalName(host);
}

/** Somebody follows a link: the page that opens is ours, and the other site does not see it. */
function isVisit({ headers, method }: Head): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

function countOf(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === name).length;
}
