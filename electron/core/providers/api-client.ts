import { type Dispatcher, request } from 'undici';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { type Clock, type Random, sleep } from '../ports.ts';

/** A provider's HTTP API: JSON both ways, patience with limits and hiccups, and no secret in any message. */

export interface ApiClientDeps {
  readonly clock: Clock;
  readonly random: Random;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  /** Never logged. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly dispatcher?: Dispatcher | undefined;
  /** It may be sent again when nobody knows whether it came through. */
  readonly isRepeatable: boolean;
}

export interface ApiAnswer {
  readonly status: number;
  /** undefined where there was no JSON. */
  readonly json: unknown;
  readonly text: string;
}

const TIMEOUT_MS = 20_000;
const MOST_BYTES = 16 * 1_048_576;
const TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** A longer wait than this is told to the person instead. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Answers of any status, except that a 429 is waited for and a 5xx of a repeatable request is tried again.
 * @throws EnsembleError('disconnected' | 'timeout' | 'too-large') when there was no answer
 */
export async function callApi(
  asked: ApiRequest,
  deps: ApiClientDeps,
  signal: AbortSignal,
): Promise<ApiAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(asked, signal);
    const wait = attempt < TRIES ? waitAfter(outcome, attempt, asked.isRepeatable, deps.random) : null;
    if (wait !== null) await sleep(deps.clock, wait, signal);
    else if ('failure' in outcome) throw outcome.failure;
    else return outcome;
  }
}

type Outcome = (ApiAnswer & { readonly retryAfterMs: number | null }) | { readonly failure: EnsembleError };

/** @returns ms until the next try; null = that was it */
function waitAfter(outcome: Outcome, attempt: number, isRepeatable: boolean, random: Random): number | null {
  const pause = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random());
  if ('failure' in outcome) return isRepeatable && outcome.failure.code !== 'too-large' ? pause : null;
  // Refused before anything was done, so that anything may be asked again.
  if (outcome.status === 429) {
    const wait = outcome.retryAfterMs ?? pause;
    return wait <= LONGEST_WAIT_MS ? wait : null;
  }
  return outcome.status >= 500 && isRepeatable ? (outcome.retryAfterMs ?? pause) : null;
}

async function tryOnce(asked: ApiRequest, signal: AbortSignal): Promise<Outcome> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const reply = await request(asked.url, {
      method: asked.method,
      headers: {
        accept: 'application/json',
        ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...asked.headers,
      },
      body: asked.body === undefined ? null : JSON.stringify(asked.body),
      signal: AbortSignal.any([signal, timeout]),
      ...(asked.dispatcher === undefined ? {} : { dispatcher: asked.dispatcher }),
    });
    const text = await readText(reply, asked.url);
    return {
      status: reply.statusCode,
      text,
      json: parsed(text),
      retryAfterMs: retryAfter(reply.headers['retry-after']),
    };
  } catch (error) {
    signal.throwIfAborted();
    return { failure: failureOf(asked.url, error, timeout.aborted) };
  }
}

async function readText(reply: Dispatcher.ResponseData, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of reply.body) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new EnsembleError('too-large', `${url.host} sends too much.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds; the form with a date is of no use to a clock that may be wrong. */
function retryAfter(header: string | string[] | undefined): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}

function failureOf(url: URL, error: unknown, timedOut: boolean): EnsembleError {
  if (error instanceof EnsembleError) return error;
  if (timedOut)
    return new EnsembleError('timeout', `${url.host} did not answer within ${TIMEOUT_MS / 1000} s.`);
  return new EnsembleError(
    'disconnected',
    `${url.host} cannot be reached: ${messageOf(error)}.`,
    'Look at the connection of this machine to it, and at proxies in between.',
  );
}
