import { messageOf } from '../../../shared/errors.ts';
import type { LogPage } from '../../../shared/logs.ts';
import type { ComfyHttp } from '../comfy/http.ts';
import type { ServerLogEntry } from '../comfy/http-types.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import { isRecord } from '../plain-data.ts';
import { type Clock, Emitter } from '../ports.ts';
import { LevelGuesser, ownLine } from './level.ts';
import { RING_CHARACTERS, RING_LINES } from './limits.ts';
import { LineRing } from './line-ring.ts';
import { LineSplitter } from './line-splitter.ts';
import type { LogSource } from './log-source.ts';
import { waitForLine } from './wait-for-line.ts';

/** A log that nobody reads is not sent over the network: after this long without a reader, ms. */
const UNREAD_MS = 60_000;

export interface RemoteLogDeps {
  readonly clock: Clock;
  readonly http: () => ComfyHttp;
  readonly monitor: () => InstanceMonitor;
}

/**
 * What a ComfyUI elsewhere prints, as its own page shows it: the newest lines at once, later ones over the WebSocket of
 * its monitor (/internal/logs/raw and /internal/logs/subscribe, ComfyUI 0.3.64 and 0.33.0).
 */
export class RemoteLog implements LogSource {
  readonly file = null;
  readonly #ring = new LineRing(RING_LINES, RING_CHARACTERS);
  readonly #splitter = new LineSplitter();
  readonly #levels = new LevelGuesser();
  readonly #arrived = new Emitter<void>();
  /** Of the newest entry that is here: what is sent again after a pause is known by it. */
  #newest = '';
  #readAt = Number.NEGATIVE_INFINITY;
  #letGo: (() => void) | null = null;
  #trouble = '';
  /** What is heard while the lines before it are still on their way. */
  #early: ServerLogEntry[] | null = null;

  constructor(private readonly deps: RemoteLogDeps) {}

  read(query: { readonly after: number | null; readonly limit: number }): LogPage {
    this.#attend();
    return { ...this.#ring.page(query.after, query.limit), file: null };
  }

  wait(after: number | null, ms: number, signal?: AbortSignal): Promise<void> {
    this.#attend();
    const wait = { ring: this.#ring, arrived: this.#arrived, clock: this.deps.clock };
    return waitForLine(wait, after, ms, signal);
  }

  /** Of what is here; the server keeps its own. */
  clear(): void {
    this.#splitter.reset();
    this.#ring.clear();
  }

  stop(): void {
    this.#letGo?.();
    this.#letGo = null;
  }

  /** Somebody looks: begins to follow, or goes on. */
  #attend(): void {
    this.#readAt = this.deps.clock.now();
    if (this.#letGo !== null) return;
    const monitor = this.deps.monitor();
    const stops = [
      monitor.onText((text) => this.#hear(text)),
      // A new connection has another name, and nobody subscribed it yet.
      monitor.onOpen((open) => open && void subscribe()),
    ];
    let subscribed: string | null = null;
    const subscribe = async (): Promise<void> => {
      subscribed = monitor.clientId;
      await this.#begin(subscribed);
    };
    let cancelLook = (): void => {};
    const look = (): void => {
      const gone = monitor !== this.deps.monitor() || this.deps.clock.now() - this.#readAt > UNREAD_MS;
      if (gone) this.stop();
      else cancelLook = this.deps.clock.after(UNREAD_MS / 4, look);
    };
    this.#letGo = () => {
      cancelLook();
      for (const stop of stops) stop();
      if (subscribed !== null) void this.#subscribe(subscribed, false).catch(() => {});
    };
    look();
    void subscribe();
  }

  /** Subscribes first, so that nothing is lost in between; what comes meanwhile waits behind what was there before. */
  async #begin(clientId: string | null): Promise<void> {
    const early: ServerLogEntry[] = [];
    this.#early = early;
    const following = clientId === null ? Promise.resolve() : this.#subscribe(clientId, true);
    try {
      // A proxy that lets no PATCH through hides later lines, not these.
      await Promise.allSettled([following]);
      for (const entry of await this.deps.http().logs()) this.#take(entry);
      await following;
      this.#trouble = '';
    } catch (error) {
      this.#tell(messageOf(error));
    }
    for (const entry of early) this.#take(entry);
    if (this.#early === early) this.#early = null;
    this.#arrived.emit();
  }

  async #subscribe(clientId: string, enabled: boolean): Promise<void> {
    await this.deps.http().subscribeLogs(clientId, enabled);
  }

  #hear(text: string): void {
    // Most of what it says is about prompts, and long.
    if (!/^\{"type": ?"logs"/.test(text)) return;
    const message = parsed(text);
    const data = isRecord(message) ? message['data'] : null;
    const entries: unknown = isRecord(data) ? data['entries'] : null;
    for (const entry of Array.isArray(entries) ? entries : []) {
      if (isRecord(entry) && typeof entry['t'] === 'string' && typeof entry['m'] === 'string') {
        const heard = { t: entry['t'], m: entry['m'] };
        if (this.#early === null) this.#take(heard);
        else this.#early.push(heard);
      }
    }
    this.#arrived.emit();
  }

  #take({ t, m }: ServerLogEntry): void {
    if (t <= this.#newest) return;
    this.#newest = t;
    this.#add(this.#splitter.push(Buffer.from(m)));
  }

  #add(texts: readonly string[]): void {
    const at = this.deps.clock.now();
    for (const text of texts) this.#ring.push({ at, level: this.#levels.guess(text), text });
  }

  /** Once per trouble: a server that is away would fill its own log. */
  #tell(reason: string): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    this.#add([ownLine(`The log of this server cannot be read now: ${reason}`, 'warning')]);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
