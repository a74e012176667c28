import type { Catalog } from '../nodes/catalog.ts';
import type { NodeContext, NodeDefinition, NodeResult } from '../nodes/definition.ts';
import type { ServerOptions } from '../options.ts';
import { describeFailure } from './failure.ts';
import { NodeInputs } from './inputs.ts';
import { Interrupted, wait } from './interrupt.ts';
import { ProgressReport } from './progress.ts';
import { type HistoryEntry, type Message, type QueueItem, toTuple } from './prompt-queue.ts';
import { PythonError } from './python-text.ts';
import { Signatures } from './signatures.ts';
import { isLink, isRecord, type Prompt, scalarOf, type Value } from './values.ts';

/** Where events go: to one client, or to all where `clientId` is null. */
export interface EventSink {
  send(event: string, data: Readonly<Record<string, unknown>>, clientId: string | null): void;
  sendPreview(png: Buffer, metadata: Readonly<Record<string, unknown>>, clientId: string | null): void;
  log(text: string, level?: 'info' | 'error'): void;
}
export interface ExecutorDependencies {
  readonly catalog: Catalog;
  readonly sink: EventSink;
  readonly options: ServerOptions;
  readonly failNode: string | null;
  /** Called at every sampling step: scripted crashes and freezes. */
  readonly onStep: (step: number) => Promise<void>;
  readonly base: Pick<NodeContext, 'options' | 'device' | 'legacy'>;
}

export interface CacheEntry {
  readonly result: NodeResult;
  readonly ui: { readonly meta: object; readonly output: NodeResult['ui'] } | null;
}

/** One prompt from execution_start to its history entry. */
export class PromptRun {
  readonly #messages: Message[] = [];
  readonly #signatures: Signatures;
  readonly #results = new Map<string, CacheEntry>();
  readonly #executed: string[] = [];
  readonly #ui: Record<string, { readonly meta: object; readonly output: NodeResult['ui'] }> = {};
  readonly #progress: ProgressReport;
  readonly #prompt: Prompt;

  constructor(
    readonly item: QueueItem,
    readonly deps: ExecutorDependencies,
    readonly signal: AbortSignal,
    readonly cache: ReadonlyMap<string, CacheEntry>,
    readonly onNode: (id: string) => void,
  ) {
    this.#prompt = item.prompt;
    this.#signatures = new Signatures(item.prompt, deps.catalog, deps.options);
    this.#progress = new ProgressReport(item, deps.sink);
  }

  async execute(): Promise<HistoryEntry> {
    const { promptId } = this.item;
    this.#message('execution_start', { prompt_id: promptId }, false);
    const nodes = Object.keys(this.#prompt);
    const cached = nodes.filter(
      (id) => this.#definition(id) !== null && this.cache.has(this.#signatures.of(id)),
    );
    this.#message('execution_cached', { nodes: cached, prompt_id: promptId }, false);
    let failure: {
      readonly node: string;
      readonly error: unknown;
      readonly inputs: NodeInputs | null;
    } | null = null;
    for (const output of this.item.outputs) {
      failure = await this.#runNode(output);
      if (failure !== null) break;
    }
    if (failure === null) this.#message('execution_success', { prompt_id: promptId }, false);
    else this.#reportFailure(failure.node, failure.error, failure.inputs);
    return {
      prompt: toTuple(this.item),
      outputs: Object.fromEntries(Object.entries(this.#ui).map(([id, ui]) => [id, ui.output])),
      meta: Object.fromEntries(Object.entries(this.#ui).map(([id, ui]) => [id, ui.meta])),
      status: {
        status_str: failure === null ? 'success' : 'error',
        completed: failure === null,
        messages: this.#messages,
      },
    };
  }

  /** Results of this prompt's nodes, run or still cached: what the next prompt may reuse. */
  kept(): Map<string, CacheEntry> {
    const kept = new Map<string, CacheEntry>();
    for (const id of Object.keys(this.#prompt)) {
      const signature = this.#signatures.of(id);
      const entry =
        this.#results.get(id) ?? (signature === undefined ? undefined : this.cache.get(signature));
      if (signature !== undefined && entry !== undefined) kept.set(signature, entry);
    }
    return kept;
  }

  async #runNode(id: string): Promise<{ node: string; error: unknown; inputs: NodeInputs | null } | null> {
    if (this.#results.has(id)) return null;
    const cached = this.cache.get(this.#signatures.of(id));
    if (cached !== undefined) {
      this.#reuse(id, cached);
      return null;
    }
    const node = this.#prompt[id];
    for (const value of Object.values(node?.inputs ?? {})) {
      const failure = isLink(value) ? await this.#runNode(value[0]) : null;
      if (failure !== null) return failure;
    }
    let inputs: NodeInputs | null = null;
    try {
      if (this.signal.aborted) throw new Interrupted();
      inputs = this.#resolve(id);
      await this.#perform(id, inputs);
      return null;
    } catch (error) {
      return { node: id, error, inputs };
    }
  }

  async #perform(id: string, inputs: NodeInputs): Promise<void> {
    const definition = this.#definition(id);
    const { promptId, clientId } = this.item;
    this.#progress.start(id);
    if (clientId !== null) {
      this.onNode(id);
      this.deps.sink.send('executing', { node: id, display_node: id, prompt_id: promptId }, clientId);
    }
    const fail = this.deps.failNode;
    if (definition === null || fail === id || fail === definition.name)
      throw new PythonError('RuntimeError', 'Simulated failure of this node.');
    const result = await definition.run(inputs, this.#context(id));
    if (this.signal.aborted) throw new Interrupted();
    const meta = { node_id: id, display_node: id, parent_node: null, real_node_id: id };
    const ui = result.ui === undefined ? null : { meta, output: result.ui };
    if (ui !== null) {
      this.#ui[id] = ui;
      if (clientId !== null)
        this.deps.sink.send(
          'executed',
          { node: id, display_node: id, output: ui.output, prompt_id: promptId },
          clientId,
        );
    }
    this.#results.set(id, { result, ui });
    this.#progress.finish(id);
    this.#executed.push(id);
  }

  /** 0.3.64 and 0.33.0: a cached output node is reported with its old files and runs no more. */
  #reuse(id: string, cached: CacheEntry): void {
    this.#results.set(id, cached);
    if (cached.ui !== null) this.#ui[id] = cached.ui;
    const { promptId, clientId } = this.item;
    if (this.item.outputs.includes(id)) {
      if (clientId !== null) {
        const output = cached.ui?.output ?? null;
        this.deps.sink.send(
          'executed',
          { node: id, display_node: id, output, prompt_id: promptId },
          clientId,
        );
      }
      this.#progress.finish(id);
    }
  }

  #resolve(id: string): NodeInputs {
    const values = new Map<string, Value>();
    for (const [name, value] of Object.entries(this.#prompt[id]?.inputs ?? {})) {
      const resolved = isLink(value)
        ? this.#results.get(value[0])?.result.outputs[value[1]]
        : scalarOf(value);
      if (resolved !== undefined && resolved !== null) values.set(name, resolved);
    }
    return new NodeInputs(values);
  }

  #context(id: string): NodeContext {
    const info = this.item.extraData['extra_pnginfo'];
    return {
      ...this.deps.base,
      nodeId: id,
      prompt: this.#prompt,
      pngInfo: isRecord(info) ? info : {},
      work: (ms) => wait(ms, this.signal),
      log: (text) => this.deps.sink.log(text),
      progress: async (value, max, preview) => {
        if (this.signal.aborted) throw new Interrupted();
        await this.deps.onStep(value);
        const picture = this.item.previews && preview !== null ? await preview() : null;
        this.#progress.step(id, value, max, picture);
      },
    };
  }

  #definition(id: string): NodeDefinition | null {
    return this.deps.catalog.get(this.#prompt[id]?.class_type ?? '') ?? null;
  }

  #reportFailure(node: string, error: unknown, inputs: NodeInputs | null): void {
    const { promptId } = this.item;
    const about = {
      prompt_id: promptId,
      node_id: node,
      node_type: this.#prompt[node]?.class_type ?? '',
      executed: this.#executed,
    };
    if (error instanceof Interrupted) {
      this.deps.sink.log('Processing interrupted');
      this.#message('execution_interrupted', about, true);
      return;
    }
    const { message, type } = describeFailure(error);
    const traceback = [
      `  File "execution.py", line 496, in execute\n`,
      `  File "nodes.py", line 1530, in ${about.node_type}\n`,
    ];
    this.deps.sink.log(`!!! Exception during processing !!! ${message}`, 'error');
    this.deps.sink.log(
      `Traceback (most recent call last):\n${traceback.join('')}${type}: ${message}\n`,
      'error',
    );
    this.#message(
      'execution_error',
      {
        ...about,
        exception_message: `${message}\n`,
        exception_type: type,
        traceback,
        current_inputs: inputs?.formatted() ?? {},
        current_outputs: [...this.#results.keys()],
      },
      false,
    );
  }

  #message(event: string, data: Readonly<Record<string, unknown>>, broadcast: boolean): void {
    const stamped = { ...data, timestamp: Date.now() };
    this.#messages.push([event, stamped]);
    if (this.item.clientId !== null || broadcast) this.deps.sink.send(event, stamped, this.item.clientId);
  }
}
