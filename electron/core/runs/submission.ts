import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import type { PlanInput } from '../../../shared/plans.ts';
import type { RunOptions } from '../../../shared/runs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import { EMPTY_CATALOG, type NodeCatalog } from '../graph/catalog.ts';
import { compile } from '../graph/compile.ts';
import { applyOverrides } from '../graph/overrides.ts';
import type { CompileRequest, Plan } from '../graph/plan.ts';
import { readWorkflow } from '../graph/read-workflow.ts';
import { describeMissing, missingOn } from '../graph/requirements.ts';
import type { InputLibrary } from '../media/input-library.ts';
import { inputsOf } from '../media/inputs-of.ts';
import type { Random } from '../ports.ts';
import type { Catalogs } from './catalogs.ts';
import { pictureSizes } from './picture-sizes.ts';
import { inputsOfPlan, type RunInputs } from './run-inputs.ts';
import { type Selection, select } from './selection.ts';

/** From the text of a file to a plan that can be run, or to the words that say why not. */

export interface Submission {
  readonly plan: Plan;
  readonly selection: Selection;
  readonly inputs: readonly PlanInput[];
  readonly sizes: RunInputs;
  readonly warnings: readonly string[];
  /** Why it must not be run; empty when it may. */
  readonly problems: readonly string[];
  /** UI-format graph for the pictures' metadata. */
  readonly pngInfo: unknown;
}

export interface SubmissionDeps {
  readonly instances: () => readonly InstanceSnapshot[];
  readonly catalogs: Catalogs;
  readonly library: InputLibrary;
  readonly now: () => number;
  readonly random: Random;
}

/**
 * @throws EnsembleError('bad-argument') for what is wrong with the workflow itself; what is wrong with the fleet or with
 * missing files is listed in `problems`
 */
export async function prepare(text: string, options: RunOptions, deps: SubmissionDeps): Promise<Submission> {
  const catalogs = await knownCatalogs(deps);
  const any = mergedCatalog(deps.instances(), catalogs);
  const read = readWorkflow(text, any, { random: deps.random, now: new Date(deps.now()) });
  const prompt = applyOverrides(read.prompt, options.set, any);
  const pictures = await pictureSizes(prompt, any, deps.library);
  const asked = { prompt, copies: options.copies, splitBatch: options.splitBatch, pictures };
  const { plan, selection } = planFor(asked, options, deps, catalogs, any ?? EMPTY_CATALOG);
  const inputs = await inputsFor(prompt, any, deps.library);
  const missing = inputs.filter((input) => input.missing);
  return {
    plan,
    selection,
    inputs,
    sizes: await inputsOfPlan(plan, any, deps.library),
    warnings: [...read.warnings, ...plan.warnings],
    problems: [
      ...nobody(selection),
      ...missing.map(({ name, nodeId }) => `The file “${name}” that node ${nodeId} loads is not there.`),
    ],
    pngInfo: read.workflow,
  };
}

/** Why this server cannot compute any shard of the plan; null when it can. */
export function incapableOf(plan: Plan, catalog: NodeCatalog): string | null {
  for (const { prompt } of plan.templates) {
    const missing = missingOn(prompt, catalog);
    if (missing.length > 0) return describeMissing(missing);
  }
  return null;
}

type KnownCatalogs = ReadonlyMap<string, NodeCatalog>;

async function knownCatalogs({ instances, catalogs }: SubmissionDeps): Promise<KnownCatalogs> {
  const loaded = await Promise.all(
    instances().map(async (instance) => [instance.id, await catalogs.load(instance)] as const),
  );
  return new Map(loaded.flatMap(([id, catalog]) => (catalog === null ? [] : [[id, catalog] as const])));
}

/** The master's word counts most, since UI workflows were made on it; a class that it lacks may be on a worker. */
function mergedCatalog(instances: readonly InstanceSnapshot[], known: KnownCatalogs): NodeCatalog | null {
  const catalogs = instances.flatMap(({ id }): readonly NodeCatalog[] => {
    const catalog = known.get(id);
    return catalog === undefined ? [] : [catalog];
  });
  if (catalogs.length === 0) return null;
  return {
    find: (className) => {
      for (const catalog of catalogs) {
        const definition = catalog.find(className);
        if (definition !== null) return definition;
      }
      return null;
    },
  };
}

/**
 * Who can run it depends on the compiled shards (second-stage nodes need only be on the master), and how many shards there
 * are depends on who can run it: compiled for all first, then for those who can.
 */
function planFor(
  request: Omit<CompileRequest, 'participants'>,
  options: RunOptions,
  deps: SubmissionDeps,
  catalogs: KnownCatalogs,
  any: NodeCatalog,
): { readonly plan: Plan; readonly selection: Selection } {
  const instances = deps.instances();
  const all = select(instances, options, () => null, deps.now());
  const nobodyYet = all.participants.length === 0 ? instances.slice(0, 1) : all.participants;
  const first = compile({ ...request, participants: nobodyYet }, any);
  const reasons = new Map<string, string | null>();
  const incapable = (instance: InstanceSnapshot): string | null => {
    const catalog = catalogs.get(instance.id);
    if (catalog === undefined) return null;
    if (!reasons.has(instance.id)) reasons.set(instance.id, incapableOf(first, catalog));
    return reasons.get(instance.id) ?? null;
  };
  const selection = select(instances, options, incapable, deps.now());
  const { participants } = selection;
  if (participants.length === 0 || sameIds(participants, nobodyYet)) return { plan: first, selection };
  return { plan: compile({ ...request, participants }, any), selection };
}

function sameIds(a: readonly InstanceSnapshot[], b: readonly InstanceSnapshot[]): boolean {
  return a.length === b.length && a.every(({ id }, index) => id === b[index]?.id);
}

function nobody({ participants, all }: Selection): readonly string[] {
  if (participants.length > 0) return [];
  const reasons = all.map(({ name, reason }) => `${name}: ${reason ?? 'ready'}`).join('; ');
  return [`Nobody can run this workflow now (${reasons}).`];
}

async function inputsFor(
  prompt: ApiPrompt,
  catalog: NodeCatalog | null,
  library: InputLibrary,
): Promise<readonly PlanInput[]> {
  return Promise.all(
    inputsOf(prompt, catalog ?? undefined).map(async (input) => {
      const found = await library.find(input).catch((error: unknown) => {
        throw EnsembleError.badArgument(
          'workflow',
          `Node ${input.nodeId} loads “${input.raw}”: ${messageOf(error)}`,
        );
      });
      return {
        nodeId: input.nodeId,
        name: input.raw,
        bytes: found?.bytes ?? null,
        missing: found === null && input.sure,
      };
    }),
  );
}
