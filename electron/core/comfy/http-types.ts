import type { Clock } from '../ports.ts';
import type { ApiPrompt } from './prompt.ts';

/** What is asked of a ComfyUI server, and what it says. */

export interface ComfyHttpOptions {
  readonly clock?: Clock;
  /** Of the quick calls, ms. */
  readonly timeoutMs?: number;
  /** Of transfers: how long nothing may move, ms. */
  readonly stallMs?: number;
}

/** A piece of what a server printed. */
export interface ServerLogEntry {
  /** Its clock, ISO 8601 with microseconds: later ones compare greater. */
  readonly t: string;
  /** As it was written: half a line, or several. */
  readonly m: string;
}

export interface SubmitRequest {
  readonly prompt: ApiPrompt;
  /** A lowercase UUID: 0.33 refuses anything else. */
  readonly promptId: string;
  /** Whose socket gets the events; null = nobody's. */
  readonly clientId: string | null;
  readonly extraData?: Readonly<Record<string, unknown>>;
}

export interface QueueIds {
  readonly running: readonly string[];
  /** In the order in which they will run. */
  readonly pending: readonly string[];
}
