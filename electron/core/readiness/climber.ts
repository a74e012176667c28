import type { Readiness } from '../../../shared/remote.ts';
import { Pacer } from '../comfy/pacer.ts';
import { type Clock, sleep } from '../ports.ts';
import { type ClimbRequest, climb } from './climb.ts';

/** More at once would only crowd the network of this machine, and measure themselves. */
const AT_ONCE = 8;
/** Between two beginnings, ms: each one is half a dozen questions in a row. */
const GAP_MS = 50;

/** Climbs many ladders, some at a time; a person's own test does not wait in line. */
export class Climber {
  readonly #waiting: (() => void)[] = [];
  readonly #pacer: Pacer;
  /** By address: what checks a file there now. */
  readonly #checking = new Map<string, Promise<unknown>>();
  #running = 0;

  /** @param owner of the files that checks leave on servers: letters and digits */
  constructor(
    private readonly clock: Clock,
    private readonly owner: string,
  ) {
    this.#pacer = new Pacer(clock, GAP_MS);
  }

  now(
    request: ClimbRequest,
    signal: AbortSignal,
    onProgress: (readiness: Readiness) => void,
  ): Promise<Readiness> {
    const { clock, owner } = this;
    const alone = <T>(work: () => Promise<T>): Promise<T> => this.#alone(request.address.url, work);
    return climb(request, { clock, owner, alone, signal, onProgress });
  }

  /** @throws the signal's reason when it aborts, also while it waits */
  async inTurn(
    request: () => ClimbRequest,
    signal: AbortSignal,
    onProgress: (readiness: Readiness) => void,
  ): Promise<Readiness> {
    await this.#turn(signal);
    try {
      const wait = this.#pacer.wait();
      if (wait > 0) await sleep(this.clock, wait, signal);
      return await this.now(request(), signal, onProgress);
    } finally {
      this.#running -= 1;
      this.#next();
    }
  }

  /** Two checks of one server would overwrite each other's file. */
  async #alone<T>(url: string, work: () => Promise<T>): Promise<T> {
    const before = this.#checking.get(url) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#checking.set(url, mine);
    try {
      return await mine;
    } finally {
      if (this.#checking.get(url) === mine) this.#checking.delete(url);
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < AT_ONCE) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason);
      };
      const begin = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.push(begin);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#running += 1;
    next();
  }
}
