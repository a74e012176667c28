import type { Clock } from '../ports.ts';
import {
  answered,
  heard,
  LOADING_PAUSE_MS,
  newPulse,
  PAUSE_MS,
  type Pulse,
  passed,
  silenceUntil,
  silent,
  type Verdict,
  verdictOf,
} from './failure-detector.ts';

/** Shorter naps would only busy the processor. */
const MIN_NAP_MS = 10;

export interface HeartbeatDeps {
  readonly clock: Clock;
  readonly pingMs: number;
  /** A model may be loading: longer silences are normal. */
  readonly isLoading: () => boolean;
  readonly ping: () => void;
  /** Whether its machine still takes connections. */
  readonly knock: (timeoutMs: number) => Promise<boolean>;
  /** Only when it changes; nothing follows 'lost'. */
  readonly onVerdict: (verdict: Verdict) => void;
}

/** Pings one connection and says when its silence means something. */
export class Heartbeat {
  readonly #deps: HeartbeatDeps;
  #pulse: Pulse;
  #verdict: Verdict = 'ok';
  /** Of the last sign of life or look at the clock. */
  #seenAt: number;
  #answeredAt: number | null = null;
  #sincePing = 0;
  #napMs = 0;
  /** In this silence. */
  #hasKnocked = false;
  #isGone = false;
  #cancel: () => void;

  /** Begins at once. */
  constructor(deps: HeartbeatDeps) {
    this.#deps = deps;
    this.#pulse = newPulse(deps.pingMs);
    this.#seenAt = deps.clock.now();
    this.#cancel = () => {};
    deps.ping();
    this.#nap();
  }

  /** Any message. */
  heard(): void {
    this.#alive(heard(this.#pulse));
  }

  /** A pong. */
  answered(): void {
    const now = this.#deps.clock.now();
    const gap = this.#answeredAt === null ? null : now - this.#answeredAt;
    this.#answeredAt = now;
    this.#alive(answered(this.#pulse, gap));
  }

  stop(): void {
    this.#verdict = 'lost';
    this.#cancel();
  }

  /** From suspicion to certainty, ms: how long a second opinion may take. */
  get graceMs(): number {
    return silenceUntil(this.#pulse, PAUSE_MS, 'lost') - silenceUntil(this.#pulse, PAUSE_MS, 'suspect');
  }

  #alive(pulse: Pulse): void {
    if (this.#verdict === 'lost') return;
    this.#pulse = pulse;
    this.#seenAt = this.#deps.clock.now();
    this.#hasKnocked = false;
    this.#isGone = false;
    this.#conclude('ok');
  }

  #nap(): void {
    const { pingMs, clock } = this.#deps;
    const pause = this.#pause();
    const { silenceMs } = this.#pulse;
    const crossings = [
      silenceUntil(this.#pulse, PAUSE_MS, 'suspect'),
      silenceUntil(this.#pulse, pause, 'suspect'),
      silenceUntil(this.#pulse, pause, 'lost'),
    ];
    const waits = crossings.map((ms) => ms - silenceMs).filter((ms) => ms > 0);
    this.#napMs = Math.max(MIN_NAP_MS, Math.ceil(Math.min(pingMs - this.#sincePing, ...waits)));
    this.#cancel = clock.after(this.#napMs, () => this.#wake());
  }

  #wake(): void {
    const nap = this.#napMs;
    const now = this.#deps.clock.now();
    this.#pulse = silent(this.#pulse, passed(this.#seenAt, now, nap));
    this.#seenAt = now;
    this.#sincePing += nap;
    this.#conclude(verdictOf(this.#pulse, this.#pause()));
    if (this.#verdict === 'lost') return;
    if (!this.#hasKnocked && verdictOf(this.#pulse, PAUSE_MS) !== 'ok') void this.#knock();
    if (this.#sincePing >= this.#deps.pingMs) {
      this.#sincePing = 0;
      this.#ask();
    }
    this.#nap();
  }

  /** A peer that talks need not be asked whether it lives. */
  #ask(): void {
    if (this.#pulse.silenceMs * 2 < this.#deps.pingMs) {
      this.#answeredAt = null;
      return;
    }
    this.#deps.ping();
  }

  /** Only a server that loads a model may be silent for long, and while it does its machine still takes connections. */
  async #knock(): Promise<void> {
    this.#hasKnocked = true;
    if (!this.#deps.isLoading() || (await this.#deps.knock(this.graceMs))) return;
    // Heard of meanwhile, or over.
    if (!this.#hasKnocked || this.#verdict === 'lost') return;
    this.#isGone = true;
    this.#cancel();
    this.#wake();
  }

  #conclude(verdict: Verdict): void {
    if (verdict === this.#verdict) return;
    this.#verdict = verdict;
    this.#deps.onVerdict(verdict);
  }

  #pause(): number {
    return this.#deps.isLoading() && !this.#isGone ? LOADING_PAUSE_MS : PAUSE_MS;
  }
}
