import { EnsembleError } from '../../../shared/errors.ts';
import type { LinkState } from '../../../shared/model.ts';
import { failedRung, type Readiness, type RungState } from '../../../shared/remote.ts';
import { jittered } from '../comfy/backoff.ts';
import type { Clock, Random } from '../ports.ts';
import { failedBy } from '../readiness/advice.ts';
import { type LineRates, newReadiness } from '../readiness/climb.ts';
import type { Climber } from '../readiness/climber.ts';
import type { RemoteInstance } from './remote-instance.ts';

/** Models are copied and nodes installed while a server runs: looked at again after this long, ms. */
const AGAIN_MS = 15 * 60_000;
/** What a person mends is seen to be mended after this long, ms: the whole ladder, or only whether it is there. */
const AGAIN_FAILED_MS = 5 * 60_000;
const AGAIN_GROUND_MS = 30_000;
/** After a server came back: within this time, so that a whole fleet that does is not asked in one beat, ms. */
const SOON_MS = 2_000;
/** Between two climbs to the top of a server that comes and goes, ms: each one moves lists and files. */
const CALM_MS = 60_000;

export interface ReadinessWatchDeps {
  readonly instance: Pick<RemoteInstance, 'address' | 'definition'>;
  readonly climber: Climber;
  /** Of ComfyUI on the master; null while unknown. */
  readonly masterVersion: () => string | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
}

/** Keeps the readiness ladder of one server up to date: the link tells of the lowest rung, a climb now and then of the rest. */
export class ReadinessWatch {
  readonly #deps: ReadinessWatchDeps;
  #readiness: Readiness | null = null;
  /** The last one that came to an end above the ground, while the server was there. */
  #complete: Readiness | null = null;
  #link: LinkState['status'] = 'unknown';
  #climbing: { readonly controller: AbortController; readonly outcome: Promise<Readiness> } | null = null;
  #cancel: () => void = () => {};

  constructor(deps: ReadinessWatchDeps) {
    this.#deps = deps;
  }

  get readiness(): Readiness | null {
    return this.#readiness;
  }

  onLink(link: LinkState): void {
    const before = this.#link;
    this.#link = link.status;
    if (link.status === before) return;
    if (link.status === 'up') this.#rise();
    if (link.status === 'unknown') this.stop();
    if (link.status === 'down') this.#fall(link.reason);
  }

  /** Climbs now; one that is under way is joined. */
  climb(): Promise<Readiness> {
    this.#climbing ??= this.#begin();
    return this.#climbing.outcome;
  }

  /** Another server from here on. */
  reset(): void {
    this.stop();
    this.#readiness = null;
    this.#complete = null;
    this.#link = 'unknown';
  }

  stop(): void {
    this.#cancel();
    this.#letGo(`${this.#deps.instance.definition.name} is no longer watched.`);
  }

  /** Somebody may wait for the outcome: in words. */
  #letGo(why: string): void {
    this.#climbing?.controller.abort(new EnsembleError('unavailable', why, 'Test it again.'));
    this.#climbing = null;
  }

  /** Measured once: every transfer of a run measures them anew, and megabytes every quarter of an hour would be waste. */
  get #rates(): LineRates | null {
    const measured = this.#complete?.measured;
    if (measured == null || measured.uploadRate === null) return null;
    return { uploadRate: measured.uploadRate, downloadRate: measured.downloadRate };
  }

  #begin(): { readonly controller: AbortController; readonly outcome: Promise<Readiness> } {
    const { climber, instance, masterVersion } = this.#deps;
    const controller = new AbortController();
    const request = () => ({
      place: instance.definition,
      address: instance.address,
      requirements: null,
      masterVersion: masterVersion(),
      rates: this.#rates,
    });
    const first = this.#readiness === null;
    // A ladder that held is shown until the new one is known: cards must not blink every quarter of an hour.
    const onProgress = (readiness: Readiness): void => {
      if (first || readiness.done) this.#show(readiness);
      if (readiness.done) this.#onDone(readiness);
    };
    const outcome = climber.inTurn(request, controller.signal, onProgress).finally(() => {
      if (this.#climbing?.controller === controller) this.#climbing = null;
    });
    return { controller, outcome };
  }

  #schedule(ms: number): void {
    this.#cancel();
    this.#cancel = this.#deps.clock.after(ms, () => {
      this.#schedule(jittered(AGAIN_MS, this.#deps.random));
      // Aborted when it is no longer watched; whatever else is wrong stands on the ladder.
      this.climb().catch(() => {});
    });
  }

  /** What was known before a short absence still holds until a climb says otherwise. */
  #rise(): void {
    const { clock, random } = this.#deps;
    if (this.#readiness === null) {
      this.#schedule(0);
      return;
    }
    if (this.#complete === null) {
      this.#schedule(random() * SOON_MS);
      return;
    }
    this.#show(this.#complete);
    // A clock that was set back must not postpone it.
    const passed = Math.max(0, clock.now() - this.#complete.at);
    this.#schedule(Math.max(0, CALM_MS - passed) + random() * SOON_MS);
  }

  /** What is known of the higher rungs is of no use while nobody answers. */
  #fall(reason: string): void {
    const { clock, instance } = this.#deps;
    this.#letGo(`${instance.definition.name} stopped answering in the middle of the test.`);
    const fallen: RungState = { ...failedBy(null, instance.definition, null), detail: `${reason}.` };
    const empty = newReadiness(clock.now());
    const measured = this.#readiness?.measured ?? empty.measured;
    this.#show({ ...empty, done: true, measured, rungs: { ...empty.rungs, reachable: fallen } });
    // Whoever asks again learns what can be done about it; a loss of a moment is over by then.
    this.#schedule(SOON_MS * (1 + this.#deps.random()));
  }

  #onDone(readiness: Readiness): void {
    const failed = failedRung(readiness);
    const isGround = failed === 'reachable' || failed === 'comfyui';
    if (!isGround) this.#complete = readiness;
    if (failed === null || this.#link !== 'up') return;
    this.#schedule(jittered(isGround ? AGAIN_GROUND_MS : AGAIN_FAILED_MS, this.#deps.random));
  }

  #show(readiness: Readiness): void {
    this.#readiness = readiness;
    this.#deps.onChange();
  }
}
