import type { HistoryEntry, QueueItem } from './prompt-queue.ts';
import { type CacheEntry, type ExecutorDependencies, PromptRun } from './prompt-run.ts';

/** Walks one prompt at a time; results of the last prompts stay cached by their signature. */
export class Executor {
  readonly #deps: ExecutorDependencies;
  #cache = new Map<string, CacheEntry>();
  #interrupt = new AbortController();
  lastNode: string | null = null;
  clientId: string | null = null;

  constructor(deps: ExecutorDependencies) {
    this.#deps = deps;
  }

  interrupt(): void {
    this.#interrupt.abort();
  }

  forget(): void {
    this.#cache.clear();
  }

  async execute(item: QueueItem): Promise<HistoryEntry> {
    this.#interrupt = new AbortController();
    this.clientId = item.clientId;
    const run = new PromptRun(item, this.#deps, this.#interrupt.signal, this.#cache, (node) => {
      this.lastNode = node;
    });
    const entry = await run.execute();
    this.lastNode = null;
    this.#cache = run.kept();
    return entry;
  }
}
