import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { Activity, LinkState, ServerInfo } from '../../../shared/model.ts';
import { isSame } from '../plain-data.ts';
import { type Clock, Emitter, type Logger, type Random } from '../ports.ts';
import { afterMessage, hasStepped, IDLE_UNKNOWN, type WorkState, withQueue } from './activity.ts';
import { fullJitter, jittered } from './backoff.ts';
import type { ComfyFrame, PreviewImage } from './frames.ts';
import { ComfyHttp } from './http.ts';
import { afterAnswer, afterFailure, type Losses, lossesAt } from './link.ts';
import type { ComfyMessage } from './messages.ts';
import { inTurn, type Pacer } from './pacer.ts';
import type { ApiPrompt } from './prompt.ts';
import { forgetConnections, hostOf, type ServerAddress } from './server-address.ts';
import { serverInfo } from './server-info.ts';
import { ComfySocket, type Health } from './socket.ts';

/** With a live socket the queue comes by itself; the poll only proves that HTTP answers too. */
const CALM_POLL_MS = 12_000;
const POLL_MS = 2_000;
const DOWN_POLL = { baseMs: 2_000, capMs: 10_000 } as const;
const POLL_TIMEOUT_MS = 8_000;
const PROBE_TIMEOUT_MS = 5_000;
const KNOWN_PROMPTS = 32;

export interface InstanceMonitorDeps extends ServerAddress {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Random;
  /** Keeps many servers from being asked in one beat; without it there is no wait. */
  readonly pacer?: Pacer;
}

export interface MonitorValue {
  readonly link: LinkState;
  /** By its socket and the pings on it: the quickest to know that a server is gone. */
  readonly health: Health;
  readonly server: ServerInfo | null;
  readonly queue: number | null;
  readonly activity: Activity | null;
  /** Grows with each live preview frame; 0 = none. */
  readonly preview: number;
  /** ms since the epoch. */
  readonly lastRunAt: number | null;
}

const UNWATCHED = { link: { status: 'unknown' }, health: 'unknown', server: null, preview: 0 } as const;

/** Watches one ComfyUI: does it answer, what does it do, what does the picture look like by now. */
export class InstanceMonitor {
  readonly #deps: InstanceMonitorDeps;
  readonly #http: ComfyHttp;
  readonly #socket: ComfySocket;
  readonly #changed = new Emitter<MonitorValue>();
  readonly #known = new Map<string, ApiPrompt>();
  #work: WorkState = IDLE_UNKNOWN;
  #value: MonitorValue = { ...UNWATCHED, ...IDLE_UNKNOWN };
  /** A step came since something runs: no model is being loaded for it any more. */
  #stepped = false;
  #preview: PreviewImage | null = null;
  /** The preview belongs to what runs now. */
  #isLive = false;
  #frames = 0;
  #failures = 0;
  #losses: Losses = [];
  #running: AbortController | null = null;
  #polling = false;
  #cancelPoll: () => void = () => {};

  constructor(deps: InstanceMonitorDeps) {
    this.#deps = deps;
    this.#http = new ComfyHttp(deps, { clock: deps.clock, timeoutMs: POLL_TIMEOUT_MS });
    this.#socket = new ComfySocket({
      ...deps,
      look: (timeoutMs) => new ComfyHttp(deps, { clock: deps.clock, timeoutMs }).queueRemaining(),
      isLoading: () => !this.#stepped && ((this.#work.queue ?? 0) > 0 || this.#work.activity !== null),
    });
    this.#socket.onMessage((message) => this.#onMessage(message));
    this.#socket.onFrame((frame) => this.#onFrame(frame));
    this.#socket.onOpen((open) => this.#onOpen(open));
    this.#socket.onHealth((health) => this.#onHealth(health));
  }

  get value(): MonitorValue {
    return this.#value;
  }

  /** What a prompt is submitted with so that its events and previews come here; null while there is no socket. */
  get clientId(): string | null {
    return this.#socket.clientId;
  }

  onChange(listener: (value: MonitorValue) => void): () => void {
    return this.#changed.on(listener);
  }

  onMessage(listener: (message: ComfyMessage) => void): () => void {
    return this.#socket.onMessage(listener);
  }

  /** For whoever passes messages on: with everything that is in them. */
  onText(listener: (text: string) => void): () => void {
    return this.#socket.onText(listener);
  }

  onFrame(listener: (frame: ComfyFrame) => void): () => void {
    return this.#socket.onFrame(listener);
  }

  /** true when `clientId` is another one, false when there is none any more. */
  onOpen(listener: (open: boolean) => void): () => void {
    return this.#socket.onOpen(listener);
  }

  get health(): Health {
    return this.#socket.health;
  }

  onHealth(listener: (health: Health) => void): () => void {
    return this.#socket.onHealth(listener);
  }

  /** Also for a while after its run: a page that was told of a frame may ask for it when the run has just ended. */
  latestPreview(): PreviewImage | null {
    return this.#preview;
  }

  /** Marks a prompt as ours and gives its nodes their titles; the last 32 are remembered. */
  knowPrompt(promptId: string, prompt: ApiPrompt): void {
    this.#known.set(promptId, prompt);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KNOWN_PROMPTS && oldest !== undefined) this.#known.delete(oldest);
  }

  start(): void {
    if (this.#running !== null) return;
    this.#running = new AbortController();
    this.#failures = 0;
    this.#socket.start();
    this.#pollSoon();
  }

  /** What was seen last stays readable, but for the link, which is unknown from here on. */
  stop(): void {
    if (this.#running === null) return;
    const running = this.#running;
    this.#running = null;
    running.abort(new Error('monitor stopped'));
    this.#cancelPoll();
    this.#socket.stop();
    this.#isLive = false;
    this.#work = { ...IDLE_UNKNOWN, lastRunAt: this.#work.lastRunAt };
    this.#publish({ link: { status: 'unknown' } });
  }

  /**
   * One look, for readiness. Needs no start().
   * @throws EnsembleError that says who or what is there instead of a ComfyUI; the signal's reason when it aborts
   */
  async probe(signal: AbortSignal): Promise<void> {
    await new ComfyHttp(this.#deps, { clock: this.#deps.clock, timeoutMs: PROBE_TIMEOUT_MS }).systemStats(
      signal,
    );
  }

  /** Never overlaps; a request that comes while one is under way is answered by that one. */
  async #poll(signal: AbortSignal): Promise<void> {
    if (this.#polling) return;
    this.#polling = true;
    const before = this.#deps.clock.now();
    try {
      await this.#look(signal, before);
      this.#failures = 0;
    } catch (error) {
      if (!signal.aborted) this.#lost(error);
    } finally {
      this.#polling = false;
    }
    // A monitor stopped and started again meanwhile has its own poll, which found this one under way.
    if (this.#running !== null) this.#schedule(signal.aborted ? 0 : this.#pause());
  }

  async #look(signal: AbortSignal, before: number): Promise<void> {
    const { clock } = this.#deps;
    const fresh = this.#value.server === null || this.#value.link.status !== 'up';
    const stats = fresh ? await this.#http.systemStats(signal) : null;
    const asked = stats === null ? before : clock.now();
    const queue = await this.#http.queueRemaining(signal);
    signal.throwIfAborted();
    this.#socket.noteAnswer();
    const now = clock.now();
    this.#losses = lossesAt(this.#losses, now);
    this.#work = withQueue(this.#work, queue, now);
    this.#publish({
      link: afterAnswer(this.#value.link, now - asked, now, this.#losses),
      ...(stats === null ? {} : { server: serverInfo(stats) }),
    });
  }

  #lost(error: unknown): void {
    const failure =
      error instanceof EnsembleError ? error : new EnsembleError('unavailable', messageOf(error), null);
    this.#failures += 1;
    this.#follow(afterFailure(this.#value.link, failure, this.#failures, this.#deps.clock.now()));
  }

  #follow(link: LinkState): void {
    const { status } = this.#value.link;
    if (link.status === 'down') {
      this.#work = { ...IDLE_UNKNOWN, lastRunAt: this.#work.lastRunAt };
      if (status === 'up') this.#losses = [...lossesAt(this.#losses, link.since), link.since];
    }
    this.#publish({ link });
  }

  /** A card must not say “Ready” for as long as two polls take to time out when what ran there has gone elsewhere. */
  #onHealth(health: Health): void {
    const isUp = this.#value.link.status === 'up';
    // Its name may lead to another machine by now, and what is kept open leads to the old one.
    if (health === 'lost') forgetConnections(this.#deps);
    const reason = `${hostOf(this.#deps)} stopped answering`;
    if (health !== 'lost' || !isUp) this.#publish({});
    else this.#follow({ status: 'down', since: this.#deps.clock.now(), reason });
  }

  #pause(): number {
    const { random } = this.#deps;
    if (this.#value.link.status === 'down') {
      return POLL_MS / 2 + fullJitter(this.#failures, DOWN_POLL, random);
    }
    return jittered(this.#socket.isOpen && this.#failures === 0 ? CALM_POLL_MS : POLL_MS, random);
  }

  #schedule(ms: number): void {
    this.#cancelPoll();
    const { clock, pacer } = this.#deps;
    this.#cancelPoll = clock.after(ms, () => {
      this.#cancelPoll = inTurn(clock, pacer, () => {
        if (this.#running !== null) void this.#poll(this.#running.signal);
      });
    });
  }

  #pollSoon(): void {
    if (!this.#polling) this.#schedule(0);
  }

  /** A socket that opens or ends is the first sign of a server that came or died. */
  #onOpen(open: boolean): void {
    if (this.#running === null) return;
    if (!open) {
      this.#isLive = false;
      this.#work = { ...this.#work, activity: null };
      this.#publish({});
    }
    if (open !== (this.#value.link.status === 'up')) this.#pollSoon();
  }

  #onMessage(message: ComfyMessage): void {
    const wasBusy = this.#work.activity !== null;
    this.#work = afterMessage(this.#work, message, this.#known, this.#deps.clock.now());
    this.#stepped = hasStepped(this.#stepped, message);
    if (wasBusy && this.#work.activity === null) this.#isLive = false;
    this.#publish({});
  }

  #onFrame(frame: ComfyFrame): void {
    if (frame.kind !== 'preview') return;
    // A copy: the frame is a view into the whole received message.
    this.#preview = { bytes: Uint8Array.from(frame.image), mime: frame.mime };
    this.#frames += 1;
    this.#isLive = true;
    this.#publish({});
  }

  #publish(change: Partial<Pick<MonitorValue, 'link' | 'server'>>): void {
    const preview = this.#isLive ? this.#frames : 0;
    const value: MonitorValue = {
      ...this.#value,
      ...change,
      ...this.#work,
      health: this.#socket.health,
      preview,
    };
    if (isSame(value, this.#value)) return;
    this.#value = value;
    this.#changed.emit(value);
  }
}
