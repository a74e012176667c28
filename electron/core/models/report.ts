import type { InstanceId } from '../../../shared/model.ts';
import type {
  ModelInstance,
  ModelPresence,
  ModelReport,
  ModelUrl,
  NamedModel,
} from '../../../shared/models.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import { describeMissing, type Missing, missingOn, modelsOf } from '../graph/requirements.ts';
import type { FileSizes } from './model-lists.ts';
import type { FoundModel, FoundUse } from './named-models.ts';
import { readSourceUrl } from './source-url.ts';
import type { WorkflowNeeds } from './workflow-needs.ts';

/** From what the servers tell to who has what. Pure. */

export interface InstanceFacts {
  readonly id: InstanceId;
  readonly name: string;
  readonly role: 'master' | 'worker';
  /** Why it cannot be asked, one sentence; null when it was. */
  readonly silent: string | null;
  readonly catalog: NodeCatalog | null;
  /** By folder; null: it has no such folder. Absent: it was not asked. */
  readonly folders: ReadonlyMap<string, FileSizes | null>;
}

/** A URL that a person entered for a model; null when there is none. */
export type Remembered = (folder: string, name: string) => string | null;

export function reportOf(
  found: readonly FoundModel[],
  needs: WorkflowNeeds,
  facts: readonly InstanceFacts[],
  remembered: Remembered,
): ModelReport {
  const offers = facts.map((one) => offersOf(one, needs));
  const models = found.map((model, index): NamedModel => {
    const on = facts.map((one, at) => presenceOf(model, one, offers[at] ?? NO_OFFERS));
    const { name, folder, uses } = model;
    const nodes = [...new Set(uses.map(({ node }) => node))];
    return {
      id: String(index),
      name,
      folder,
      nodes,
      ...urlOf(model, remembered),
      sizesDiffer: differ(on),
      on,
    };
  });
  const instances = facts.map((one, at) => instanceOf(one, needs, offers[at] ?? NO_OFFERS, models, at));
  return { instances, models, warnings: needs.warnings };
}

/** What an instance's own lists say about the very inputs of the workflow. */
interface Offers {
  readonly listed: ReadonlySet<string>;
  readonly lacking: ReadonlySet<string>;
  readonly missing: readonly Missing[];
}

const NO_OFFERS: Offers = { listed: new Set(), lacking: new Set(), missing: [] };

function offersOf({ catalog, role }: InstanceFacts, needs: WorkflowNeeds): Offers {
  if (catalog === null) return NO_OFFERS;
  const second = needs.secondStage === null ? [] : [needs.secondStage];
  const all = [...needs.shards, ...needs.variants, ...second];
  const own = role === 'master' ? [...needs.shards, ...second] : needs.shards;
  const lackingIn = (prompts: readonly ApiPrompt[]): readonly Missing[] =>
    prompts.flatMap((prompt) => missingOn(prompt, catalog));
  return {
    listed: new Set(all.flatMap((prompt) => modelsOf(prompt, catalog).map(keyOf))),
    lacking: new Set(lackingIn(all).flatMap((one) => (one.kind === 'node' ? [] : [keyOf(one)]))),
    missing: lackingIn(own),
  };
}

function keyOf(use: { readonly className: string; readonly input: string; readonly value: unknown }): string {
  return `${use.className}\n${use.input}\n${String(use.value)}`;
}

function presenceOf(model: FoundModel, facts: InstanceFacts, offers: Offers): ModelPresence {
  if (facts.silent !== null) return { status: 'unknown' };
  const files = filesOf(model, facts);
  if (files?.has(model.name)) return { status: 'there', bytes: files.get(model.name) ?? null };
  const offered = offeredTo(model, offers);
  // A list of the node's own (a pack that downloads by itself) is as good as a file.
  if (offered === true) return { status: 'there', bytes: null };
  return offered === null && files === undefined ? { status: 'unknown' } : { status: 'missing' };
}

/** @returns undefined when its folder is not known or was not asked; null when the server has no such folder */
function filesOf({ folder }: FoundModel, { folders }: InstanceFacts): FileSizes | null | undefined {
  return folder === null ? undefined : folders.get(folder);
}

/** Whether the nodes that name it may choose it there; null when none of them has a list. */
function offeredTo({ uses }: FoundModel, { listed, lacking }: Offers): boolean | null {
  const keys = uses.map(useKey).filter((key) => listed.has(key));
  return keys.length === 0 ? null : keys.every((key) => !lacking.has(key));
}

/** Whether what the nodes offer is older than what lies in the folders: a file has come or gone since. */
export function isOutdated(
  found: readonly FoundModel[],
  needs: WorkflowNeeds,
  facts: InstanceFacts,
): boolean {
  const offers = offersOf(facts, needs);
  return found.some((model) => {
    const files = filesOf(model, facts);
    const offered = offeredTo(model, offers);
    if (files === null || files === undefined || offered === null) return false;
    return files.has(model.name) !== offered;
  });
}

function useKey({ className, input, value }: FoundUse): string {
  return keyOf({ className, input: input ?? '', value });
}

function differ(on: readonly ModelPresence[]): boolean {
  const sizes = on.flatMap((one) => (one.status === 'there' && one.bytes !== null ? [one.bytes] : []));
  return new Set(sizes).size > 1;
}

/** What a person entered goes before what the workflow says. */
function urlOf(
  { name, folder, url }: FoundModel,
  remembered: Remembered,
): { readonly url: ModelUrl | null; readonly urlProblem: string | null } {
  const entered = folder === null ? null : remembered(folder, name);
  if (entered !== null) return { url: { url: entered, from: 'person' }, urlProblem: null };
  if (url === null) return { url: null, urlProblem: null };
  const reading = readSourceUrl(url);
  if (reading.problem === null) return { url: { url: reading.url, from: 'workflow' }, urlProblem: null };
  return { url: null, urlProblem: `The address in the workflow ${reading.problem}.` };
}

function instanceOf(
  { id, name, role, silent, catalog }: InstanceFacts,
  needs: WorkflowNeeds,
  { missing }: Offers,
  models: readonly NamedModel[],
  at: number,
): ModelInstance {
  const missingModels = models.filter(({ on }) => on[at]?.status === 'missing').length;
  const nodes = missing.flatMap((one) => (one.kind === 'node' ? [one.className] : []));
  const verdict = verdictOf(silent, catalog, missing, needs);
  return { id, name, role, ...verdict, missingNodes: [...new Set(nodes)], missingModels };
}

function verdictOf(
  silent: string | null,
  catalog: NodeCatalog | null,
  missing: readonly Missing[],
  { shards }: WorkflowNeeds,
): Pick<ModelInstance, 'canRun' | 'why'> {
  if (silent !== null) return { canRun: null, why: silent };
  if (catalog === null) return { canRun: null, why: 'It does not tell which nodes it has.' };
  if (shards.length === 0) return { canRun: false, why: 'Nothing of the workflow can run.' };
  if (missing.length === 0) return { canRun: true, why: null };
  return { canRun: false, why: `${describeMissing(missing)}.` };
}
