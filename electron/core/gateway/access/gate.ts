import type { IncomingMessage } from 'node:http';
import { bearerOf, cookieOf } from '../../access/credentials.ts';
import { FailureLimit } from '../../access/failure-limit.ts';
import type { Clock, Logger } from '../../ports.ts';
import { isLocalName, isTunnelName, type OwnNames, refusalOf } from '../http/guard.ts';
import type { AccessKey } from './access-key.ts';
import { isAddress, isLoopback, networkOf } from './addresses.ts';
import { onThisServer, tokenIn } from './url-token.ts';

export interface GateDeps {
  readonly key: Pick<AccessKey, 'isToken' | 'isPass' | 'passFor'>;
  readonly own: () => Omit<OwnNames, 'reachedAt'>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn'>;
}

export type Asked = Pick<IncomingMessage, 'headers' | 'method' | 'rawHeaders' | 'url'> & {
  readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress' | 'localAddress'>;
};

export type Verdict =
  /** `url` is what is left of the address; a guest has shown the token, a program of this machine need not. */
  | { readonly kind: 'admitted'; readonly guest: boolean; readonly url: string }
  /** A browser goes on without the token in its address, and with a cookie. */
  | { readonly kind: 'signs-in'; readonly location: string; readonly cookie: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403; readonly words: string }
  | { readonly kind: 'limited'; readonly seconds: number };

/** Chrome keeps none longer, seconds. */
const COOKIE_LIFE = 400 * 86_400;
/** Who is behind a proxy on this machine is not on this machine. */
const FORWARDED = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
  'cf-connecting-ip',
  'cf-ray',
  'cdn-loop',
];

/** Judges every request and every upgrade before anything else looks at it. */
export class GatewayGate {
  readonly #deps: GateDeps;
  readonly #failures: FailureLimit;

  constructor(deps: GateDeps) {
    this.#deps = deps;
    this.#failures = new FailureLimit(deps.clock);
  }

  judge(request: Asked): Verdict {
    const { key, own } = this.#deps;
    const names = own();
    const words = refusalOf(request, { ...names, reachedAt: request.socket.localAddress ?? '' });
    if (words !== null) return { kind: 'refused', status: 403, words };
    const url = request.url ?? '/';
    const pass = cookieOf(request.headers.cookie, cookieName(names.port));
    if (pass !== null && key.isPass(pass, this.#tunnelOf(request))) return this.#enter(request, true);
    if (isFromThisMachine(request)) return this.#enter(request, false);
    const bearer = bearerOf(request.headers.authorization);
    const given = bearer ?? tokenIn(url).token;
    if (given === null) return NO_TOKEN;
    const caller = networkOf(this.#addressOf(request));
    const blockedFor = this.#failures.blockedFor(caller);
    if (blockedFor > 0) return { kind: 'limited', seconds: Math.ceil(blockedFor / 1000) };
    if (key.isToken(given)) return this.#enter(request, true);
    this.#failures.fail(caller);
    if (this.#failures.blockedFor(caller) > 0) this.#deps.logger.warn('too many wrong tokens', { caller });
    return WRONG_TOKEN;
  }

  /** Whoever has come in: a token in the address goes no further. */
  #enter(request: Asked, guest: boolean): Verdict {
    const { key, own } = this.#deps;
    const url = request.url ?? '/';
    const { token, rest } = tokenIn(url);
    // A parameter of that name may belong to a custom node.
    if (token === null || !key.isToken(token)) return { kind: 'admitted', guest, url };
    if (!isPage(request)) return { kind: 'admitted', guest, url: rest };
    const pass = `${cookieName(own().port)}=${key.passFor(this.#tunnelOf(request))}`;
    const secure = cameByHttps(request) ? '; Secure' : '';
    const cookie = `${pass}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${COOKIE_LIFE}${secure}`;
    return { kind: 'signs-in', location: onThisServer(rest), cookie };
  }

  /** The name of the tunnel that it came through; null when it came otherwise. */
  #tunnelOf({ headers }: Asked): string | null {
    const names = this.#deps.own();
    return isTunnelName(headers.host, names) ? names.tunnel : null;
  }

  /** Whose wrong tokens count together. Cloudflare names who is behind it, and lets nobody else name one. */
  #addressOf(request: Asked): string {
    const { headers, socket } = request;
    const { remoteAddress = '', localAddress } = socket;
    const isNear = isLoopback(remoteAddress) || remoteAddress === localAddress;
    const behind = headers['cf-connecting-ip'];
    const isTunnelled = isNear && this.#tunnelOf(request) !== null && typeof behind === 'string';
    return isTunnelled && isAddress(behind) ? behind : remoteAddress;
  }
}

const NO_TOKEN: Verdict = {
  kind: 'refused',
  status: 401,
  words:
    'This ComfyUI address needs a token: send “Authorization: Bearer TOKEN”, or open its page with ?token=TOKEN once. ' +
    'Comfy Ensemble shows it in Settings, “ComfyUI address”.',
};
const WRONG_TOKEN: Verdict = {
  kind: 'refused',
  status: 401,
  words: 'The token is wrong, or was made anew. Comfy Ensemble shows it in Settings, “ComfyUI address”.',
};

/** Port-bound, because browsers keep cookies by host alone: two fleets on one machine would share a name. */
export function cookieName(port: number): string {
  return `ensemble-gateway-${port}`;
}

/** Both say so, the address and the name; and nobody is spoken for. */
function isFromThisMachine({ headers, socket }: Asked): boolean {
  const isForwarded = FORWARDED.some((name) => headers[name] !== undefined);
  return isLoopback(socket.remoteAddress ?? '') && isLocalName(headers.host) && !isForwarded;
}

/** Whoever ends TLS in front of us says so; a stranger who does deceives only its own browser. */
function cameByHttps({ headers }: Asked): boolean {
  return headers['x-forwarded-proto'] === 'https';
}

function isPage({ headers, method }: Asked): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html') && headers.upgrade === undefined;
}
