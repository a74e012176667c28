import type { IncomingMessage } from 'node:http';

/**
 * Who may speak to the gateway: programs, and pages that it served itself. A page of another site may reach our port, but
 * neither under one of these names (DNS rebinding) nor from its own origin. Pure.
 */

const NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** @returns why the request is refused, in words; null when it may pass */
export function refusalOf(request: Pick<IncomingMessage, 'headers' | 'method'>, port: number): string | null {
  const { host, origin } = request.headers;
  if (!isOwn(host, port)) return 'This address answers to localhost and 127.0.0.1 alone.';
  if (origin !== undefined && !isOwnOrigin(origin, port)) return 'Pages of other sites may not ask here.';
  if (request.headers['sec-fetch-site'] === 'cross-site' && !isVisit(request)) {
    return 'Pages of other sites may not ask here.';
  }
  return null;
}

/** Somebody follows a link: the page that opens is ours, and the other site does not see it. */
function isVisit({ headers, method }: Pick<IncomingMessage, 'headers' | 'method'>): boolean {
  return (
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
  );
}

function isOwnOrigin(origin: string, port: number): boolean {
  const [, authority] = /^http:\/\/([^/]+)$/i.exec(origin) ?? [];
  return isOwn(authority, port);
}

function isOwn(authority: string | undefined, port: number): boolean {
  const [, name, given] = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(authority ?? '') ?? [];
  return name !== undefined && NAMES.includes(name.toLowerCase()) && Number(given ?? 80) === port;
}
