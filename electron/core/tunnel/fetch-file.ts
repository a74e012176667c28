import { type Dispatcher, request } from 'undici';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';

/** How a download reaches the outside; injected so that tests meet a server of their own. */
export interface Web {
  /**
   * The body of a 200, redirects followed.
   * @throws EnsembleError('unavailable') for anything else
   */
  open(url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

const MOST_REDIRECTS = 5;
/** GitHub wants to know who asks. */
const HEADERS = { 'user-agent': 'comfy-ensemble', accept: 'application/vnd.github+json, */*' };
const REDIRECTS = [301, 302, 303, 307, 308];
const BY_HAND = 'Check the connection to the internet, or install cloudflared yourself.';

/** @param origin where it begins; what begins with https must stay with it */
export const web: Web = {
  open: async (url, signal) => {
    let at = new URL(url);
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
      const reply = await ask(at, signal);
      const { location } = reply.headers;
      if (!REDIRECTS.includes(reply.statusCode) || typeof location !== 'string') return bodyOf(at, reply);
      await reply.body.dump();
      const next = new URL(location, at);
      if (next.protocol !== at.protocol) throw refused(at, `it leads to ${next.protocol}//${next.host}`);
      at = next;
    }
    throw refused(at, 'it leads on and on');
  },
};

async function ask(url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    return await request(url, { signal, headers: HEADERS });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new EnsembleError('unavailable', `${url.host} could not be reached: ${messageOf(error)}.`, BY_HAND);
  }
}

async function bodyOf(
  url: URL,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<AsyncIterable<Uint8Array>> {
  if (statusCode === 200) return body;
  await body.dump();
  const isLimited = statusCode === 429 || headers['x-ratelimit-remaining'] === '0';
  if (!isLimited) throw refused(url, `it answered ${statusCode}`);
  throw new EnsembleError(
    'unavailable',
    `${url.host} answers no more questions from this network for now.`,
    'Try again in an hour, or install cloudflared yourself.',
  );
}

function refused({ host }: URL, why: string): EnsembleError {
  return new EnsembleError('unavailable', `cloudflared could not be had from ${host}: ${why}.`, BY_HAND);
}
