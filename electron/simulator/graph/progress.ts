import type { QueueItem } from './prompt-queue.ts';
import type { EventSink } from './prompt-run.ts';

interface NodeProgress {
  value: number;
  max: number;
  state: 'running' | 'finished';
}

/** The `progress_state`, `progress` and preview messages of one prompt, in the order of 0.3.64 and 0.33.0. */
export class ProgressReport {
  readonly #nodes = new Map<string, NodeProgress>();
  readonly #item: QueueItem;
  readonly #sink: EventSink;

  constructor(item: QueueItem, sink: EventSink) {
    this.#item = item;
    this.#sink = sink;
  }

  start(id: string): void {
    this.#nodes.set(id, { value: 0, max: 1, state: 'running' });
    this.#sendState();
  }

  step(id: string, value: number, max: number, preview: Buffer | null): void {
    this.#nodes.set(id, { value, max, state: 'running' });
    const { promptId, clientId } = this.#item;
    this.#sendState();
    this.#sink.send('progress', { value, max, prompt_id: promptId, node: id }, clientId);
    if (preview !== null) this.#sink.sendPreview(preview, this.#names(id), clientId);
  }

  finish(id: string): void {
    const node = this.#nodes.get(id);
    this.#nodes.set(id, { value: node?.max ?? 1, max: node?.max ?? 1, state: 'finished' });
    this.#sendState();
  }

  #names(id: string): Readonly<Record<string, unknown>> {
    const shown = { display_node_id: id, parent_node_id: null, real_node_id: id };
    return { node_id: id, prompt_id: this.#item.promptId, ...shown };
  }

  #sendState(): void {
    const nodes = Object.fromEntries(
      [...this.#nodes].map(([id, progress]) => [id, { ...progress, ...this.#names(id) }]),
    );
    this.#sink.send('progress_state', { prompt_id: this.#item.promptId, nodes }, this.#item.clientId);
  }
}
