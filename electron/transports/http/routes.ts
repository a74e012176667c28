import type { IncomingMessage, ServerResponse } from 'node:http';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Logger } from '../../core/ports.ts';
import type { ServeFile } from '../../core/served-file.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Access } from './access.ts';
import { type AccessReason, sendAccessPage } from './access-page.ts';
import { methodNotAllowed, redirect, sendError, sendReply, sendText } from './answers.ts';
import { addressOf, type Gate } from './gate.ts';
import { bodyLimit, readJson } from './request-body.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { sendServedFile } from './served-files.ts';
import { sendStatic } from './static-files.ts';

const COMMANDS = '/api/commands/';
const SESSION_LINK = '/api/session-link';
const FILES = '/files/';

export interface RouteOptions {
  readonly gate: Gate;
  readonly access: Access;
  readonly dispatcher: Dispatcher;
  readonly serveFile: ServeFile;
  readonly rendererDirectory: string | null;
  readonly createLink: () => string;
  readonly logger: Logger;
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export function createHandler(options: RouteOptions): Handler {
  return (request, response) => {
    setSecurityHeaders(response);
    route(options, request, response).catch((error: unknown) => {
      if (!(error instanceof EnsembleError)) {
        options.logger.error('A request failed unexpectedly', { url: pathOf(request), error: String(error) });
      }
      if (response.headersSent) response.destroy();
      else refuse(request, response, error);
    });
  };
}

/** A request whose body nobody will read must not keep its connection: what is left of it would be taken for the next one. */
function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (!request.complete) response.setHeader('connection', 'close');
  sendError(response, error);
}

async function route(
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = urlOf(request);
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const isPage = url.pathname === '/' && isRead;
  options.gate.requireOwnSite(request, isPage);
  if (isPage) return sendPage(options, url, request, response);
  if (url.pathname.startsWith('/api/')) return api(options, url, request, response);
  if (!isRead) return methodNotAllowed(response, 'GET, HEAD');
  options.gate.requireCredential(request, false);
  if (url.pathname.startsWith(FILES)) return sendServedFile(options.serveFile, url, request, response);
  return sendInterface(options, url, request, response);
}

async function api(
  { gate, dispatcher, createLink }: RouteOptions,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return methodNotAllowed(response, 'POST');
  const credential = gate.requireCredential(request, true);
  if (url.pathname.startsWith(COMMANDS)) {
    const name = url.pathname.slice(COMMANDS.length);
    sendReply(response, await dispatcher.dispatch(name, await readJson(request, bodyLimit(name))));
  } else if (url.pathname === SESSION_LINK && credential === 'token') {
    await readJson(request);
    sendReply(response, { ok: true, result: { url: createLink() } });
  } else {
    throw new EnsembleError('not-found', `There is nothing at ${url.pathname.slice(0, 100)}.`);
  }
}

async function sendPage(
  options: RouteOptions,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const link = url.searchParams.get('token');
  if (options.gate.hasSession(request)) {
    if (link === null) return sendInterface(options, url, request, response);
    return redirect(response, '/');
  }
  if (link === null) return sendAccessPage(response, 'signed-out');
  // A browser that looks ahead, or a program that only asks for the headers, must not use up the link.
  const isPeek = request.method === 'HEAD' || /prefetch/.test(String(request.headers['sec-purpose'] ?? ''));
  if (isPeek) return sendText(response, 503, 'The link waits for a visit.');
  return redeem(options, link, request, response);
}

function redeem(
  { access, gate }: RouteOptions,
  link: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { verdict, session } = access.redeemLink(link, addressOf(request));
  if (session === null) {
    const reason: AccessReason = verdict === 'limited' ? 'limited' : 'used-link';
    sendAccessPage(response, reason);
    return;
  }
  response.setHeader('set-cookie', `${gate.cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`);
  redirect(response, '/');
}

async function sendInterface(
  { rendererDirectory }: RouteOptions,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (rendererDirectory !== null) return sendStatic(rendererDirectory, url.pathname, request, response);
  return sendText(response, 404, 'This control center was started without its interface.');
}

/** Only the path and query of the target count: an absolute-form target must not choose another host. */
function urlOf(request: IncomingMessage): URL {
  try {
    const target = request.url ?? '';
    if (!target.startsWith('/')) throw new Error('not an origin-form target');
    return new URL(`http://ensemble.invalid${target}`);
  } catch (cause) {
    throw new EnsembleError('bad-argument', 'The address of the request is malformed.', null, [], { cause });
  }
}

/** Without the query, which may hold a link's secret. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}
