import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { EnsembleError } from '../../../shared/errors.ts';
import type { Artifact } from '../../../shared/runs.ts';
import type { ComfyFile } from '../comfy/outputs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import type { ResultTarget, ShardOutput } from '../graph/plan.ts';
import { convertSeparators } from '../graph/requirements.ts';
import type { InputCourier, InputProgress } from '../media/input-courier.ts';
import type { Clock } from '../ports.ts';
import type { ActiveShard } from './active-run.ts';
import type { ArtifactStore } from './artifacts/artifact-store.ts';
import { type AttemptEvent, type AttemptResult, runAttempt } from './attempt/run-attempt.ts';
import type { RunServer } from './run-fleet.ts';
import { GoneFailure, InputFailure } from './verdict.ts';

/** One attempt at one shard, from its inputs to its files on disk. */

export interface ShardAttemptDeps {
  readonly clock: Clock;
  readonly courier: InputCourier;
  readonly store: ArtifactStore;
  readonly catalog: NodeCatalog | null;
  readonly signal: AbortSignal;
  readonly onEvent: (event: AttemptEvent) => void;
  /** A file that the shard loads is on its way to the server. */
  readonly onInput: (progress: InputProgress) => void;
  /** The server is done with it; what follows is ours. */
  readonly onComputed: (result: AttemptResult) => void;
  readonly onArtifact: (artifact: Artifact) => void;
  /** A file of it came over the line, in so many seconds. */
  readonly onFetched: (bytes: number, seconds: number) => void;
}

export interface ShardOrder {
  readonly shard: ActiveShard;
  readonly promptId: string;
  readonly prompt: ApiPrompt;
  readonly outputs: readonly ShardOutput[];
  readonly server: RunServer;
  /** It was submitted in an earlier life of the control center. */
  readonly reattach: boolean;
  /** Of whoever submitted the run. */
  readonly extraData: Readonly<Record<string, unknown>>;
}

/**
 * Resolves when every file of the shard is at home and journaled.
 * @throws AttemptFailure, or EnsembleError for inputs and files that could not be brought over
 */
export async function attemptShard(order: ShardOrder, deps: ShardAttemptDeps): Promise<void> {
  const { server, promptId, reattach, shard } = order;
  const { clock, signal, onEvent } = deps;
  const prompt = reattach ? order.prompt : await localized(order, deps);
  const begun = { at: clock.now() };
  const result = await runAttempt(
    {
      promptId,
      prompt,
      extraData: { ...extraDataOf(shard.run.pngInfo), ...order.extraData },
      server: { http: server.http, monitor: server.monitor },
      reattach,
    },
    {
      clock,
      signal,
      onEvent: (event) => {
        if (event.kind === 'started') begun.at = event.at;
        onEvent(event);
      },
    },
  );
  deps.onComputed(result);
  await collect(order, result, begun.at, deps);
}

/** The prompt as this server must see it: its own path separators, its own names of input files. */
async function localized(
  { prompt, server }: ShardOrder,
  { courier, catalog, signal, onInput }: ShardAttemptDeps,
): Promise<ApiPrompt> {
  const own = catalog === null ? prompt : convertSeparators(prompt, catalog);
  try {
    return await courier.ensure(own, { ...server, catalog: catalog ?? undefined }, signal, onInput);
  } catch (error) {
    const ours =
      error instanceof EnsembleError && (error.code === 'not-found' || error.code === 'bad-argument');
    if (ours && !signal.aborted)
      throw new InputFailure(error.code, error.message, error.hint, error.problems);
    throw error;
  }
}

function extraDataOf(pngInfo: unknown): Readonly<Record<string, unknown>> {
  // Asks 0.33 for previews even when it was started without them; 0.3.64 goes by its command line.
  const previews = { preview_method: 'auto' };
  return pngInfo === null ? previews : { ...previews, extra_pnginfo: { workflow: pngInfo } };
}

async function collect(
  order: ShardOrder,
  result: AttemptResult,
  startedAt: number,
  deps: ShardAttemptDeps,
): Promise<void> {
  for (const output of order.outputs) {
    const files = result.outputs.filter(({ nodeId }) => nodeId === output.nodeId).flatMap((one) => one.files);
    for (const [position, file] of files.entries()) {
      await bringHome(order, output, file, position, startedAt, deps);
    }
  }
}

/** A file that is only gathered is kept as a preview: it is seen as it arrives, and the second pass finds it after a crash. */
export function targetsOf(output: ShardOutput): readonly ResultTarget[] {
  if (output.results.length > 0) return output.results;
  const [gather] = output.gathers;
  return gather === undefined ? [] : [{ nodeId: gather.collector, prefix: 'gathered', preview: true }];
}

async function bringHome(
  order: ShardOrder,
  output: ShardOutput,
  file: ComfyFile,
  position: number,
  startedAt: number,
  deps: ShardAttemptDeps,
): Promise<void> {
  const { http } = order.server;
  let first: Artifact | null = null;
  for (const [index, target] of targetsOf(output).entries()) {
    const known: Artifact | null = first;
    const source = async (): Promise<{ readonly stream: Readable; readonly bytes: number | null }> =>
      known === null
        ? http.download(file, deps.signal)
        : { stream: createReadStream(known.path), bytes: known.bytes };
    const begun = deps.clock.now();
    const artifact = await keep(order, output, target, file, `${position}/${index}`, startedAt, source, deps);
    if (artifact === null) continue;
    if (first === null) deps.onFetched(artifact.bytes, (deps.clock.now() - begun) / 1000);
    first ??= artifact;
    deps.onArtifact(artifact);
  }
}

async function keep(
  { shard, server }: ShardOrder,
  output: ShardOutput,
  target: ResultTarget,
  file: ComfyFile,
  position: string,
  startedAt: number,
  source: () => Promise<{ readonly stream: Readable; readonly bytes: number | null }>,
  { store, clock, signal }: ShardAttemptDeps,
): Promise<Artifact | null> {
  const { run, stage, index, seed } = shard;
  const { stream, bytes } = await source().catch((error: unknown) => {
    const gone = error instanceof EnsembleError && error.code === 'not-found';
    throw gone ? new GoneFailure(error.code, error.message) : error;
  });
  return store.keep(
    {
      runId: run.id,
      runName: run.record.name,
      stage,
      shard: index,
      seed,
      nodeId: target.nodeId,
      node: run.titleOf(target.nodeId),
      preview: target.preview,
      prefix: target.prefix,
      sourceName: file.filename,
      instanceId: server.id,
      instanceName: server.name,
      seconds: Math.max(0, clock.now() - startedAt) / 1000,
      outputKey: `${stage === 2 ? `${run.secondPass?.digest ?? ''}/` : ''}${output.nodeId}/${position}`,
      expectedBytes: bytes,
    },
    stream,
    signal,
  );
}
