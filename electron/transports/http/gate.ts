import type { IncomingMessage } from 'node:http';
import { EnsembleError } from '../../../shared/errors.ts';
import { bearerOf, cookieOf } from '../../core/access/credentials.ts';
import { isAllowedHost, isOwnOrigin, type OwnAddress } from '../../core/access/origins.ts';
import type { Access } from './access.ts';

/** How a request has shown that it may come in. */
export type Credential = 'token' | 'session';

export interface GateOptions {
  readonly access: Access;
  readonly own: () => OwnAddress;
}

/** Judges every request and every upgrade before anything else looks at it. */
export class Gate {
  readonly #access: Access;
  readonly #own: () => OwnAddress;

  constructor({ access, own }: GateOptions) {
    this.#access = access;
    this.#own = own;
  }

  /**
   * Port-bound, because browsers keep cookies by host alone: two control centers on one machine would share a name.
   */
  get cookieName(): string {
    return `ensemble-session-${this.#own().port}`;
  }

  /**
   * @param isPage a person may follow a link from another site to the page itself, and to nothing else
   * @throws EnsembleError('forbidden-origin')
   */
  requireOwnSite(request: IncomingMessage, isPage: boolean): void {
    const { host, origin } = request.headers;
    if (host === undefined || !isAllowedHost(host, this.#own())) {
      throw new EnsembleError(
        'forbidden-origin',
        'This address is not one that the control center answers to.',
        'Use the address that its terminal shows.',
      );
    }
    const foreignOrigin = origin !== undefined && !isOwnOrigin(origin, host);
    // Sent by browsers only; "none" is the address bar. Another port of this machine counts as "same-site".
    const site = request.headers['sec-fetch-site'] ?? 'none';
    const foreignSite = site !== 'same-origin' && site !== 'none';
    if (foreignOrigin || (foreignSite && !isPage)) {
      throw new EnsembleError('forbidden-origin', 'Pages of other sites may not talk to the control center.');
    }
  }

  /**
   * @param changes a session counts only together with our own Origin, which browsers send whenever something may change
   * @throws EnsembleError('unauthorized')
   */
  requireCredential(request: IncomingMessage, changes: boolean): Credential {
    const bearer = bearerOf(request.headers.authorization);
    if (bearer !== null) {
      const verdict = this.#access.checkToken(bearer, addressOf(request));
      if (verdict === 'granted') return 'token';
      throw unauthorized(
        verdict === 'limited' ? 'There were too many wrong tokens: wait a minute.' : 'The token is wrong.',
      );
    }
    if (this.hasSession(request) && (!changes || request.headers.origin !== undefined)) return 'session';
    throw unauthorized('The control center does not know who is asking.');
  }

  hasSession(request: IncomingMessage): boolean {
    const session = cookieOf(request.headers.cookie, this.cookieName);
    return session !== null && this.#access.checkSession(session);
  }
}

export function addressOf(request: IncomingMessage): string {
  return request.socket.remoteAddress ?? 'unknown';
}

function unauthorized(message: string): EnsembleError {
  return new EnsembleError(
    'unauthorized',
    message,
    'Run `npx ensemble open` for a new link; programs send the token of control.json.',
  );
}
