import { FailureLimit } from '../../core/access/failure-limit.ts';
import { createSecret, fingerprint, sameSecret } from '../../core/access/secrets.ts';
import type { Clock } from '../../core/ports.ts';

/** How long the link in the terminal works, ms. */
const LINK_LIFE = 15 * 60_000;
/** How long a browser stays signed in, ms; a new control center forgets all sessions anyway. */
const SESSION_LIFE = 30 * 24 * 3_600_000;
const MAX_LINKS = 100;
const MAX_SESSIONS = 1000;

export type Verdict = 'granted' | 'denied' | 'limited';

/**
 * Who may come in: programs with the token, browsers with a session that a one-time link has opened.
 * Wrong secrets are counted by address and kind, so that guesses through links (which any web page can make a browser
 * follow) lock out no program.
 */
export class Access {
  readonly #token: string;
  readonly #clock: Clock;
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, number>();
  readonly #failures: FailureLimit;

  constructor(token: string, clock: Clock) {
    this.#token = token;
    this.#clock = clock;
    this.#failures = new FailureLimit(clock);
  }

  createLink(): string {
    return this.#issue(this.#links, LINK_LIFE, MAX_LINKS);
  }

  /** @returns the new session, once per link */
  redeemLink(link: string, address: string): { verdict: Verdict; session: string | null } {
    const verdict = this.#judge(`link ${address}`, () => {
      const key = fingerprint(link);
      const alive = this.#isAlive(this.#links, key);
      this.#links.delete(key);
      return alive;
    });
    if (verdict !== 'granted') return { verdict, session: null };
    return { verdict, session: this.#issue(this.#sessions, SESSION_LIFE, MAX_SESSIONS) };
  }

  checkToken(given: string, address: string): Verdict {
    return this.#judge(`token ${address}`, () => sameSecret(given, this.#token));
  }

  /** Not counted as guesses: a page left open from an earlier control center sends its old cookie. */
  checkSession(session: string): boolean {
    return this.#isAlive(this.#sessions, fingerprint(session));
  }

  #judge(key: string, isRight: () => boolean): Verdict {
    if (this.#failures.blockedFor(key) > 0) return 'limited';
    if (isRight()) return 'granted';
    this.#failures.fail(key);
    return 'denied';
  }

  #issue(into: Map<string, number>, life: number, most: number): string {
    const secret = createSecret();
    dropOldest(into, most);
    into.set(fingerprint(secret), this.#clock.now() + life);
    return secret;
  }

  #isAlive(map: ReadonlyMap<string, number>, key: string): boolean {
    return this.#clock.now() < (map.get(key) ?? 0);
  }
}

/** Makes room for one more; a Map keeps the order of insertion. */
function dropOldest(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size < most) return;
    map.delete(key);
  }
}
