import type { Prompt } from './values.ts';

/** A submitted prompt. `sensitive` never leaves 0.33.0; 0.3.64 shows it in extra_data. */
export interface QueueItem {
  readonly number: number;
  readonly promptId: string;
  readonly prompt: Prompt;
  readonly extraData: Readonly<Record<string, unknown>>;
  readonly outputs: readonly string[];
  readonly clientId: string | null;
  readonly previews: boolean;
}
export type Message = readonly [event: string, data: Readonly<Record<string, unknown>>];
export interface HistoryEntry {
  readonly prompt: readonly unknown[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly meta: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly status_str: 'success' | 'error';
    readonly completed: boolean;
    readonly messages: readonly Message[];
  };
}

const MAXIMUM_HISTORY = 10_000;

export function toTuple(item: QueueItem): readonly unknown[] {
  return [item.number, item.promptId, item.prompt, item.extraData, item.outputs];
}

/** Pending prompts by (number, prompt id), one running, and the finished ones. */
export class PromptQueue {
  #pending: QueueItem[] = [];
  running: QueueItem | null = null;
  readonly history = new Map<string, HistoryEntry>();
  readonly #changed: () => void;
  readonly #arrived: () => void;

  constructor(changed: () => void, arrived: () => void) {
    this.#changed = changed;
    this.#arrived = arrived;
  }

  get pending(): readonly QueueItem[] {
    return this.#pending;
  }

  get remaining(): number {
    return this.#pending.length + (this.running === null ? 0 : 1);
  }

  put(item: QueueItem): void {
    this.#pending.push(item);
    this.#changed();
    this.#arrived();
  }

  take(): QueueItem | null {
    const first = this.#pending.reduce<QueueItem | null>(
      (best, item) => (best === null || before(item, best) ? item : best),
      null,
    );
    if (first === null) return null;
    this.#pending = this.#pending.filter((item) => item !== first);
    this.running = first;
    this.#changed();
    return first;
  }

  done(entry: HistoryEntry, keep: boolean): void {
    const item = this.running;
    this.running = null;
    if (item !== null && keep) {
      const oldest = this.history.keys().next().value;
      if (this.history.size > MAXIMUM_HISTORY && oldest !== undefined) this.history.delete(oldest);
      this.history.set(item.promptId, entry);
    }
    this.#changed();
  }

  clear(): void {
    this.#pending = [];
    this.#changed();
  }

  /** Removes the first pending prompt with this id. */
  remove(promptId: unknown): boolean {
    const item = this.#pending.find((candidate) => candidate.promptId === promptId);
    if (item === undefined) return false;
    this.#pending = this.#pending.filter((candidate) => candidate !== item);
    this.#changed();
    return true;
  }
}

function before(left: QueueItem, right: QueueItem): boolean {
  return left.number < right.number || (left.number === right.number && left.promptId < right.promptId);
}
