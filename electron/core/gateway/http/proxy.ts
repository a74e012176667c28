import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Dispatcher, request as send } from 'undici';
import { messageOf } from '../../../../shared/errors.ts';
import type { Logger } from '../../ports.ts';
import { restOf, STALL_MS, tooLarge } from './body.ts';
import { sendText } from './replies.ts';

/** Passes requests on to a server as streams: nothing is kept in memory, however large it is. */

/** Uploads; a server has a limit of its own. */
const MAX_UPLOAD_BYTES = 16 * 1024 * 1_048_576;
/** Between this connection and the next alone. */
const HOP_BY_HOP = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
);
/** ComfyUI compares them with its own address, and would refuse what we have let pass. */
const OURS = new Set(['host', 'origin', 'referer', 'cookie', 'authorization', 'expect']);

export interface Upstream {
  /** Base URL without a trailing slash. */
  readonly url: string;
  readonly name: string;
}

/**
 * Answers the request with what the server answers; 503 in words when nobody is there.
 * @param path with its query
 */
export async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  to: Upstream,
  path: string,
  logger: Logger,
): Promise<void> {
  const gone = new AbortController();
  const body = hasBody(request) ? counted(request) : null;
  response.once('close', () => gone.abort(new Error('the client has gone')));
  try {
    const reply = await ask(request, body, to, path, gone.signal);
    response.writeHead(reply.statusCode, passedBack(reply.headers));
    await pipeline(reply.body, response, { end: false });
  } catch (error) {
    if (gone.signal.aborted && !response.writable) return;
    logger.debug('a request could not be passed on', { path, reason: messageOf(error) });
    if (response.headersSent) response.destroy();
    else if (error === limitError) sendText(response, `${limitError.message}\n`, 413);
    else sendText(response, `${to.name} does not answer now: ${messageOf(error)}.\n`, 503);
  } finally {
    // A server may answer before it has read it all: the rest must keep neither its connection nor the client's.
    body?.destroy();
    request.unpipe();
    await restOf(request);
    if (!response.writableEnded) response.end();
  }
}

const limitError = tooLarge(MAX_UPLOAD_BYTES);

async function ask(
  request: IncomingMessage,
  body: Readable | null,
  { url }: Upstream,
  path: string,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const method = methodOf(request.method);
  if (Number(request.headers['content-length'] ?? 0) > MAX_UPLOAD_BYTES) throw limitError;
  return send(new URL(`${url}${path}`), {
    method,
    headers: passedForth(request.headers),
    // A large upload to a busy disk and a long listing have no limit that would be right.
    ...{ signal, headersTimeout: 0, bodyTimeout: 0 },
    body,
    // A server that refuses an upload may leave the rest of it unread: nothing else can go the same way then.
    reset: body !== null,
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** Ends what goes on beyond the limit without having said so, and what does not go on at all. */
function counted(body: Readable): Readable {
  let size = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      size += chunk.length;
      if (size > MAX_UPLOAD_BYTES) done(limitError);
      else done(null, chunk);
    },
  });
  let before = -1;
  const watch = setInterval(() => {
    // While the server is the slow one, there is more to be had from the client.
    if (size === before && body.readableLength === 0 && !counter.writableNeedDrain) body.destroy();
    before = size;
  }, STALL_MS / 2);
  counter.once('close', () => clearInterval(watch));
  body.once('error', (error) => counter.destroy(error));
  body.once('end', () => clearInterval(watch));
  body.once('close', () => {
    if (!body.readableEnded) counter.destroy(new Error('the client has gone'));
  });
  return body.pipe(counter);
}

function methodOf(method: string | undefined): Dispatcher.HttpMethod {
  const known = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
  return known.find((one) => one === method) ?? 'GET';
}

function passedForth(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return kept(headers, (name) => !OURS.has(name) && !name.startsWith('sec-'));
}

function passedBack(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  return kept(headers, (name) => !name.startsWith('access-control-'));
}

function kept(
  headers: IncomingHttpHeaders,
  wanted: (name: string) => boolean,
): Record<string, string | string[]> {
  const result: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !HOP_BY_HOP.has(name) && wanted(name)) result[name] = value;
  }
  return result;
}
