import { EnsembleError, messageOf } from '../../../../shared/errors.ts';
import { passed } from '../../comfy/failure-detector.ts';
import type { ComfyMessage } from '../../comfy/messages.ts';
import type { HistoryEntry } from '../../comfy/replies.ts';
import type { Health } from '../../comfy/socket.ts';
import { Waker } from '../../comfy/waker.ts';
import { type Whereabouts, whereIs } from '../../comfy/whereabouts.ts';
import { AttemptFailure } from './attempt-failure.ts';
import type { AttemptDeps, AttemptEvent, AttemptOrder } from './attempt-types.ts';
import { shardErrorOf } from './outcome.ts';
import { isStalled, newPace, type Pace, paceAfter, quietLimit } from './pace.ts';
import { afterAttemptMessage, started, type Tracked, UNTRACKED } from './track.ts';

/** While the messages of this prompt arrive, looks are only a net under them. */
const CALM_LOOK_MS = 15_000;
const LOOK_MS = 1_500;
/** Something is expected any moment, or went wrong. */
const SOON_MS = 500;
/** Looks in a row that may fail, whatever the reason; a dead server is found by its health long before. */
const MAX_FAILURES = 4;
/** One absence is certain; a second look forgives a proxy that sent the first one elsewhere. */
const ABSENCES_UNTIL_GONE = 2;

/** Follows a queued prompt: by the messages of its server, its health, and looks at its queue and history. */
export class AttemptWatch {
  readonly #order: AttemptOrder;
  readonly #deps: AttemptDeps;
  readonly #life = new AbortController();
  readonly #waker = new Waker();
  readonly #unsubscribe: readonly (() => void)[];
  /** The socket that gets the messages of this prompt; null = none does. */
  #clientId: string | null;
  #track = UNTRACKED;
  #pace: Pace;
  /** Without news of this prompt, as far as `#countedAt`. */
  #quietMs = 0;
  #countedAt: number;
  #queueLength = 0;
  /** Pieces of news so far. */
  #heard = 0;
  #failures = 0;
  #absences = 0;

  constructor(order: AttemptOrder, deps: AttemptDeps) {
    const { monitor } = order.server;
    this.#order = order;
    this.#deps = deps;
    this.#countedAt = deps.clock.now();
    this.#pace = newPace(this.#countedAt);
    this.#clientId = order.reattach ? null : monitor.clientId;
    monitor.knowPrompt(order.promptId, order.prompt);
    const onAbort = (): void => this.#life.abort(deps.signal.reason);
    deps.signal.addEventListener('abort', onAbort, { once: true });
    this.#unsubscribe = [
      monitor.onMessage((message) => this.#onMessage(message)),
      monitor.onHealth((health) => this.#onHealth(health)),
      () => deps.signal.removeEventListener('abort', onAbort),
    ];
    if (deps.signal.aborted) onAbort();
    if (monitor.health === 'lost') this.#onHealth('lost');
  }

  /** Aborts when there is nothing to wait for any more: cancelled by us, or its server is gone (AttemptFailure). */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Whose socket hears of it. */
  get clientId(): string | null {
    return this.#clientId;
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  /** @throws AttemptFailure, or the reason of the signal */
  async untilDone(): Promise<HistoryEntry> {
    // What was just accepted is there.
    if (this.#hears) await this.#rest();
    for (;;) {
      const seen = await this.#look();
      if (seen?.status === 'done') return seen.entry;
      if (seen !== null) this.#consider(seen.status);
      await this.#rest();
    }
  }

  /** @returns null when the server could not be asked this time */
  async #look(): Promise<Whereabouts | null> {
    const { promptId, server } = this.#order;
    try {
      const seen = await whereIs(server.http, promptId, this.signal);
      this.#failures = 0;
      return seen;
    } catch (error) {
      this.signal.throwIfAborted();
      this.#failures += 1;
      if (this.#failures >= MAX_FAILURES || this.#isNobodyThere(error)) throw silent(error);
      return null;
    }
  }

  /** Nobody listens, and nobody watches its socket: its process has ended. */
  #isNobodyThere(error: unknown): boolean {
    const { health } = this.#order.server.monitor;
    const refused = error instanceof EnsembleError && error.code === 'disconnected';
    return refused && health !== 'ok' && this.#failures >= 2;
  }

  #consider(status: 'pending' | 'running' | 'absent'): void {
    if (status === 'absent') {
      this.#absences += 1;
      if (this.#absences >= ABSENCES_UNTIL_GONE) throw this.#gone();
      return;
    }
    this.#absences = 0;
    if (status !== 'running') return;
    this.#accept(started(this.#track, this.#deps.clock.now()));
    if (this.#hears && isStalled(this.#pace, this.#quietMs)) throw stalled(this.#quietMs);
  }

  /** Neither waiting, running nor in the history. What its messages told is all that is left. */
  #gone(): AttemptFailure {
    const { error, interrupted, started: hasStarted } = this.#track;
    if (error !== null) return AttemptFailure.execution(shardErrorOf(error, this.#order.prompt));
    if (interrupted) return new AttemptFailure('interrupted', 'Somebody interrupted it on its server.');
    if (!hasStarted && this.#hears) {
      return new AttemptFailure('interrupted', 'Somebody removed it from the queue of its server.');
    }
    return AttemptFailure.lost(
      'The server does not know it any more: it was restarted, or its history was cleared.',
    );
  }

  /** The messages of this prompt come here: the same connection as at its submission. */
  get #hears(): boolean {
    return this.#clientId !== null && this.#order.server.monitor.clientId === this.#clientId;
  }

  /** Until there is a reason to look: while a prompt tells how it goes on, nobody needs to ask. */
  async #rest(): Promise<void> {
    const { clock } = this.#deps;
    for (let heard = -1; heard !== this.#heard; ) {
      heard = this.#heard;
      const nap = this.#nap();
      await this.#waker.wait(clock, nap, this.signal);
      const now = clock.now();
      this.#quietMs += passed(this.#countedAt, now, nap);
      this.#countedAt = now;
      if (!this.#hears || this.#track.phase !== 'running') return;
    }
  }

  #nap(): number {
    const isUncertain = this.#failures > 0 || this.#absences > 0 || this.#track.phase !== 'running';
    const usual = isUncertain ? SOON_MS : this.#hears ? CALM_LOOK_MS : LOOK_MS;
    const limit = this.#hears ? quietLimit(this.#pace) : null;
    return limit === null ? usual : Math.max(SOON_MS, Math.min(usual, limit - (this.#quietMs % limit)));
  }

  #onMessage(message: ComfyMessage): void {
    const tracked = afterAttemptMessage(this.#track, message, this.#order, this.#deps.clock.now());
    if (tracked !== null) {
      const ended = tracked.track.phase !== this.#track.phase;
      this.#accept(tracked);
      if (ended) this.#waker.wake();
      return;
    }
    if (message.type === 'status') this.#onQueue(message.data.status.exec_info.queue_remaining);
  }

  /** Everybody is told how long the queue is: something ended, or was removed. */
  #onQueue(length: number): void {
    const isShorter = length < this.#queueLength;
    this.#queueLength = length;
    if (isShorter && !(this.#hears && this.#track.started)) this.#waker.wake();
  }

  #accept({ track, events }: Tracked): void {
    const now = this.#deps.clock.now();
    this.#track = track;
    for (const event of events) {
      if (event.kind === 'step') {
        const { nodeId, step, steps } = event;
        this.#pace = paceAfter(this.#pace, nodeId, step, steps, now);
      }
      this.#quietMs = 0;
      this.#heard += 1;
      this.#countedAt = now;
      this.tell(event);
    }
  }

  tell(event: AttemptEvent): void {
    this.#deps.onEvent(event);
  }

  #onHealth(health: Health): void {
    if (health === 'lost') {
      this.#life.abort(AttemptFailure.lost('Its server stopped answering.'));
      return;
    }
    // A connection that ended or came back, or a server that is no longer watched: what is true now?
    this.#waker.wake();
  }
}

function silent(error: unknown): AttemptFailure {
  return AttemptFailure.lost(`Its server stopped answering: ${messageOf(error)}`, error);
}

function stalled(quietMs: number): AttemptFailure {
  const seconds = Math.round(quietMs / 1000);
  return new AttemptFailure('stalled', `Its sampler made no step for ${seconds} s.`);
}
