import { messageOf } from '../../../shared/errors.ts';
import type { LogPage } from '../../../shared/logs.ts';
import type { InstanceId } from '../../../shared/model.ts';
import { ownLine } from '../logs/level.ts';
import { RING_CHARACTERS, RING_LINES } from '../logs/limits.ts';
import { LineRing } from '../logs/line-ring.ts';
import type { LogSource } from '../logs/log-source.ts';
import { waitForLine } from '../logs/wait-for-line.ts';
import { type Clock, Emitter, sleep } from '../ports.ts';
import type { AgentConnection } from './agent-connection.ts';

/** A log that nobody reads is not sent over the network: after this long without a reader, ms. */
const UNREAD_MS = 60_000;
const WAIT_MS = 20_000;
const PAGE_LINES = 2_000;
const AFTER_FAILURE_MS = 2_000;

export interface AgentLogDeps {
  readonly instance: InstanceId;
  /** Another one once it was paired anew. */
  readonly connection: () => AgentConnection;
  readonly clock: Clock;
}

/** The log that an agent keeps of one of its servers, from its start on: read there while somebody reads here. */
export class AgentLog implements LogSource {
  readonly file = null;
  readonly #deps: AgentLogDeps;
  readonly #ring = new LineRing(RING_LINES, RING_CHARACTERS);
  readonly #arrived = new Emitter<void>();
  #readAt = 0;
  #following: AbortController | null = null;
  /** The agent's number of the newest line that is here. */
  #after: number | null = null;
  #trouble = '';

  constructor(deps: AgentLogDeps) {
    this.#deps = deps;
  }

  read(query: { readonly after: number | null; readonly limit: number }): LogPage {
    this.#attend();
    return { ...this.#ring.page(query.after, query.limit), file: null };
  }

  wait(after: number | null, ms: number, signal?: AbortSignal): Promise<void> {
    this.#attend();
    const wait = { ring: this.#ring, arrived: this.#arrived, clock: this.#deps.clock };
    return waitForLine(wait, after, ms, signal);
  }

  /** Here and there. */
  clear(): void {
    this.#ring.clear();
    const { connection, instance } = this.#deps;
    void connection()
      .invoke('logs.clear', { id: instance })
      .catch(() => {});
  }

  stop(): void {
    this.#following?.abort(new Error('nobody reads it'));
    this.#following = null;
  }

  #attend(): void {
    this.#readAt = this.#deps.clock.now();
    if (this.#following !== null) return;
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    while (!signal.aborted) {
      // A clock set back does not make it unread for ever.
      if (Math.abs(clock.now() - this.#readAt) > UNREAD_MS) {
        this.stop();
        return;
      }
      try {
        await this.#page(signal);
        this.#trouble = '';
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(messageOf(error));
        await sleep(clock, AFTER_FAILURE_MS, signal).catch(() => {});
      }
    }
  }

  async #page(signal: AbortSignal): Promise<void> {
    const { connection, instance } = this.#deps;
    const query = { id: instance, after: this.#after, limit: PAGE_LINES, waitMs: WAIT_MS };
    const page = await connection().invoke('logs.read', query, signal);
    // Another life of the agent counts from nothing again.
    if (this.#after !== null && page.next <= this.#after) this.#after = null;
    for (const { at, level, text, seq } of page.lines) {
      this.#ring.push({ at, level, text });
      this.#after = seq;
    }
    if (page.lines.length > 0) this.#arrived.emit();
  }

  /** Once per trouble: an agent that is away would fill its own log. */
  #tell(reason: string): void {
    if (reason === this.#trouble) return;
    this.#trouble = reason;
    const text = ownLine(`The log cannot be read now: ${reason}`, 'warning');
    this.#ring.push({ at: this.#deps.clock.now(), level: 'warning', text });
    this.#arrived.emit();
  }
}
