import { messageOf } from '../../../shared/errors.ts';
import { dollars, type Lease, type LeaseId, type LeaseOutcome } from '../../../shared/providers.ts';
import { type Clock, sleep } from '../ports.ts';
import type { LeaseEvent } from './lease-machine.ts';
import type { LeasedWorkers } from './leased-workers.ts';
import { type LeaseAddress, type ProviderEvent, RentRefused, type WorkerProvider } from './provider.ts';

export interface CareDeps {
  readonly clock: Clock;
  readonly provider: WorkerProvider;
  readonly workers: LeasedWorkers;
  /** The lease as it is now. */
  readonly lease: () => Lease;
  /** Resolves when the step is in the book. */
  readonly step: (event: LeaseEvent) => Promise<void>;
  /** Resolves when a ComfyUI answers there with its statistics and its nodes. */
  readonly probe: (address: LeaseAddress, signal: AbortSignal) => Promise<void>;
  readonly onOver: () => void;
}

/** A provider's lists may lag so far behind what it has made or ended. */
export const SETTLE_MS = 180_000;
const ASK_MS = 5_000;
const PROBE_MS = 3_000;
const PROBE_LIMIT_MS = 30_000;
/** A prompt may end before its worker is given back. */
const DRAIN_MS = 300_000;
const DRAIN_LOOK_MS = 1_000;
const FIRST_RETRY_MS = 5_000;
const SLOWEST_RETRY_MS = 300_000;
const PRICE_SLACK = 1.005;

/** Sees one lease through from the request to the end that its provider confirms. Never gives up on the end. */
export class LeaseCare {
  readonly #starting = new AbortController();
  readonly #closing = new AbortController();
  #hurry = false;
  #probed: string | null = null;
  #isEnding = false;

  constructor(
    readonly id: LeaseId,
    private readonly deps: CareDeps,
  ) {}

  /** @param isNew it was never asked for; false after a restart, when nobody knows how far the last life came */
  begin(isNew: boolean): void {
    const { status } = this.deps.lease().state;
    if (status === 'pending') void this.#ask(isNew);
    if (status === 'draining') this.#giveBack();
  }

  onEvent(event: ProviderEvent): void {
    switch (event.kind) {
      case 'starting':
        void this.deps.step({ kind: 'noted', note: event.note });
        return;
      case 'gone': {
        const wasReady = this.deps.lease().state.status === 'ready';
        void this.end(event.because, wasReady ? 'lost' : 'failed', true);
        return;
      }
      case 'up': {
        const { pricePerHour } = this.deps.lease();
        if (event.pricePerHour !== null && event.pricePerHour > pricePerHour * PRICE_SLACK) {
          const because = `It costs ${dollars(event.pricePerHour)} per hour in place of the ${dollars(pricePerHour)} that were agreed to.`;
          void this.end(because, 'failed', true);
        } else void this.#welcome(event.address);
      }
    }
  }

  /** @param now without waiting for what it computes */
  async end(because: string, outcome: LeaseOutcome, now: boolean): Promise<void> {
    this.#hurry ||= now;
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#starting.abort();
    await this.deps.step({ kind: 'ends', because, outcome, at: this.deps.clock.now() });
    this.#giveBack();
  }

  /** Lets go of it as it is: the next start goes on from there. */
  close(): void {
    this.#starting.abort();
    this.#closing.abort();
  }

  async #ask(isNew: boolean): Promise<void> {
    const { provider, lease, step, clock } = this.deps;
    const { offer, pricePerHour, ttlMinutes, reference } = lease();
    if (!isNew && !provider.isRepeatable) {
      if (reference === null) await this.#find('The request may never have arrived.');
      return;
    }
    try {
      const spec = { offer, pricePerHour, ttlMinutes };
      const made = await provider.ensure(this.id, spec, this.#starting.signal);
      if (made !== null) await step({ kind: 'named', reference: made });
    } catch (error) {
      if (this.#closing.signal.aborted || this.#isEnding) return;
      if (error instanceof RentRefused) {
        const because = [error.message, error.hint].filter(Boolean).join(' ');
        await step({ kind: 'refused', because, at: clock.now() });
        this.deps.onOver();
      } else if (provider.isRepeatable) await this.end(messageOf(error), 'failed', true);
      else await this.#find(messageOf(error));
    }
  }

  /** Nobody knows whether it was made, and asking again could make two: only the list can tell, and it lags behind. */
  async #find(why: string): Promise<void> {
    const { provider, lease, step, clock } = this.deps;
    const { signal } = this.#starting;
    const until = lease().requestedAt + SETTLE_MS;
    try {
      // The last look comes when lists must have caught up, also where this machine slept meanwhile.
      for (let isLast = false; !isLast; ) {
        isLast = clock.now() >= until;
        const found = (await provider.reconcile(signal).catch(() => null))?.find(
          ({ key }) => key === this.id,
        );
        if (found !== undefined) return await step({ kind: 'named', reference: found.reference });
        await step({ kind: 'noted', note: `It is not known yet whether it was made. ${why}` });
        if (!isLast) await sleep(clock, ASK_MS, signal);
      }
    } catch {
      return;
    }
    await this.end(`It was not made. ${why}`, 'failed', true);
  }

  /** Ready is what answers as a ComfyUI does, not what a provider calls so. */
  async #welcome(address: LeaseAddress): Promise<void> {
    const { state } = this.deps.lease();
    if (this.#isEnding || this.#probed === address.url) return;
    if (state.status === 'ready' && state.url === address.url) return;
    this.#probed = address.url;
    const { signal } = this.#starting;
    try {
      while (this.#probed === address.url) {
        if ((await this.#answers(address, signal)) && (await this.#appear(address))) return;
        await sleep(this.deps.clock, PROBE_MS, signal);
      }
    } catch {
      // Let go of: it ends, or we do.
    }
  }

  async #answers(address: LeaseAddress, signal: AbortSignal): Promise<boolean> {
    const { clock, probe, step } = this.deps;
    const limit = new AbortController();
    const cancel = clock.after(PROBE_LIMIT_MS, () => limit.abort());
    try {
      await probe(address, AbortSignal.any([signal, limit.signal]));
      return !signal.aborted;
    } catch (error) {
      signal.throwIfAborted();
      await step({ kind: 'noted', note: `It runs, but ComfyUI does not answer yet: ${messageOf(error)}` });
      return false;
    } finally {
      cancel();
    }
  }

  /** @returns false when the fleet does not take it now, e.g. because there is none yet */
  async #appear(address: LeaseAddress): Promise<boolean> {
    const { workers, lease, step, clock } = this.deps;
    try {
      const worker = await workers.appear(lease(), address);
      // Ended meanwhile: the card must not outlive it.
      if (this.#isEnding) await workers.vanish(this.id);
      else await step({ kind: 'ready', url: address.url, worker, at: clock.now() });
      return true;
    } catch (error) {
      await step({ kind: 'noted', note: `It answers, but is no worker yet: ${messageOf(error)}` });
      return false;
    }
  }

  #giveBack(): void {
    this.#isEnding = true;
    void this.#drain()
      .then(() => this.#untilGone())
      .catch(() => undefined);
  }

  async #drain(): Promise<void> {
    const { workers, clock } = this.deps;
    const { signal } = this.#closing;
    await workers.retire(this.id).catch(() => undefined);
    const until = clock.now() + DRAIN_MS;
    while (!this.#hurry && workers.isBusy(this.id) && clock.now() < until) {
      await sleep(clock, DRAIN_LOOK_MS, signal);
    }
    await workers.vanish(this.id).catch(() => undefined);
  }

  async #untilGone(): Promise<void> {
    const { provider, clock, lease, step, onOver } = this.deps;
    const { signal } = this.#closing;
    for (let attempt = 0; ; attempt += 1) {
      const isUncertain = !provider.isRepeatable && lease().reference === null;
      const settled = lease().requestedAt + SETTLE_MS;
      try {
        await provider.release(this.id, lease().reference, signal);
        if (!isUncertain || clock.now() >= settled) break;
      } catch (error) {
        signal.throwIfAborted();
        await step({ kind: 'kept', trouble: messageOf(error) });
      }
      await sleep(clock, Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempt, 8)), signal);
    }
    await step({ kind: 'confirmed', at: clock.now() });
    onOver();
  }
}
