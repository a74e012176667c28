import { EnsembleError } from '../../../shared/errors.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import { EMPTY_CATALOG, type NodeCatalog } from '../graph/catalog.ts';
import { compile } from '../graph/compile.ts';
import { isDistributedClass, withDistributed } from '../graph/distributed-definitions.ts';
import type { CompileRequest, Participant, Plan } from '../graph/plan.ts';
import { pngInfoOf, type ReadWorkflow, readWorkflow } from '../graph/read-workflow.ts';
import { isRecord } from '../plain-data.ts';
import { lenient } from './named-models.ts';
import { isModelName, NO_PAGE, type PageModels, readPageModels } from './page-models.ts';

/** What servers would be sent for a workflow, read also where parts of it cannot run anywhere. */
export interface WorkflowNeeds {
  /** Of every participant. */
  readonly shards: readonly ApiPrompt[];
  /** What the master does with the results beside; null when nothing. */
  readonly secondStage: ApiPrompt | null;
  /** Nodes with the model names that only some of the shards have. */
  readonly variants: readonly ApiPrompt[];
  readonly page: PageModels;
  readonly warnings: readonly string[];
}

export interface NeedsRequest {
  readonly text: string;
  /** Of the whole fleet; null while nobody can be asked. */
  readonly catalog: NodeCatalog | null;
  readonly participants: readonly Participant[];
  readonly pictures: (prompt: ApiPrompt) => Promise<CompileRequest['pictures']>;
}

/** @throws EnsembleError('bad-argument') for a text that is no workflow */
export async function needsOf({
  text,
  catalog,
  participants,
  pictures,
}: NeedsRequest): Promise<WorkflowNeeds> {
  const any = catalog ?? EMPTY_CATALOG;
  const { read, warnings } = readAnyway(text, any);
  const info = pngInfoOf(text);
  const isKnown = (className: string): boolean => withDistributed(any).find(className) !== null;
  const page = isRecord(info) ? readPageModels(info, isKnown) : NO_PAGE;
  const request = { prompt: read.prompt, copies: null, splitBatch: false, participants };
  try {
    const plan = compile({ ...request, pictures: await pictures(read.prompt) }, any);
    const { templates, secondStage } = plan;
    const shards = templates.map(({ prompt }) => prompt);
    return { shards, secondStage: secondStage?.prompt ?? null, variants: variantsOf(plan), page, warnings };
  } catch (error) {
    const why = refusalOf(error);
    // Our own nodes are compiled away, and no server is asked for them.
    const nodes = Object.entries(read.prompt).filter(([, node]) => !isDistributedClass(node.class_type));
    const shards = [Object.fromEntries(nodes)];
    const told = warnings.includes(why) ? warnings : [...warnings, why];
    return { shards, secondStage: null, variants: [], page, warnings: told };
  }
}

/** A workflow of the page that names classes which nobody has cannot run, but its models can be told. */
function readAnyway(
  text: string,
  any: NodeCatalog,
): { readonly read: ReadWorkflow; readonly warnings: readonly string[] } {
  try {
    return { read: readWorkflow(text, any), warnings: [] };
  } catch (error) {
    const why = refusalOf(error);
    const read = readWorkflow(text, lenient(withDistributed(any)));
    return { read, warnings: any === EMPTY_CATALOG ? [] : [why] };
  }
}

function refusalOf(error: unknown): string {
  if (error instanceof EnsembleError && error.code === 'bad-argument') return error.message;
  throw error;
}

function variantsOf({ templates, shards }: Plan): readonly ApiPrompt[] {
  const seen = new Set<string>();
  const variants: ApiPrompt[] = [];
  for (const { template, literals } of shards) {
    for (const { nodeId, input, value } of literals) {
      const node = templates[template]?.prompt[nodeId];
      const key = `${nodeId}\n${input}\n${String(value)}`;
      if (node === undefined || !isModelName(value) || seen.has(key)) continue;
      seen.add(key);
      variants.push({ [nodeId]: { ...node, inputs: { ...node.inputs, [input]: value } } });
    }
  }
  return variants;
}
