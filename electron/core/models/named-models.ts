import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog, NodeDefinition } from '../graph/catalog.ts';
import { type ModelUse, modelsOf } from '../graph/requirements.ts';
import { folderOfClass, folderOfInput } from './model-folders.ts';
import { baseName, withSlashes } from './model-place.ts';
import { isModelName, type PageModel, type PageModels } from './page-models.ts';

/** Which models a workflow names: those of its prompts, and those that its page says belong to them. */

export interface FoundModel {
  readonly name: string;
  readonly folder: string | null;
  /** As the workflow writes it. */
  readonly url: string | null;
  readonly uses: readonly FoundUse[];
}

export interface FoundUse {
  readonly className: string;
  /** null for a class that nobody knows, in a workflow of the page. */
  readonly input: string | null;
  /** As the workflow spells it. */
  readonly value: string;
  /** What people call the node. */
  readonly node: string;
}

export type FolderGuess = (use: FoundUse, name: string) => string | null;

interface Draft {
  readonly name: string;
  readonly folder: string | null;
  readonly uses: FoundUse[];
  url: string | null;
}

/**
 * @param prompts everything that some server would be sent
 * @param catalog of the whole fleet
 * @param guess the folder where neither class, nor input, nor page tell it
 */
export function namedModels(
  prompts: readonly ApiPrompt[],
  catalog: NodeCatalog,
  page: PageModels,
  guess: FolderGuess,
): readonly FoundModel[] {
  const drafts = new Map<string, Draft>();
  const add = (use: FoundUse): void => {
    const name = withSlashes(use.value);
    const folder = folderFor(use, name, page.models, guess);
    const key = `${folder ?? ''}\n${name}`;
    const draft = drafts.get(key) ?? { name, folder, url: null, uses: [] };
    drafts.set(key, draft);
    if (!draft.uses.some((one) => isSameUse(one, use))) draft.uses.push(use);
  };
  for (const prompt of prompts) for (const use of usesIn(prompt, catalog)) add(use);
  for (const { name, className, node } of page.values) {
    const isNamed = [...drafts.values()].some((draft) => draft.name === name);
    if (!isNamed) add({ className, input: null, value: name, node });
  }
  for (const model of page.models) takeUrl(model, [...drafts.values()]);
  for (const model of page.models) addMentioned(model, prompts, drafts);
  return [...drafts.values()];
}

/** A class that the whole fleet lacks has no list: what looks like a file is taken for one. */
function usesIn(prompt: ApiPrompt, catalog: NodeCatalog): readonly FoundUse[] {
  const listed = modelsOf(prompt, catalog).map((use) => foundUse(prompt, use));
  const unheard = Object.entries(prompt).flatMap(([nodeId, node]) => {
    if (catalog.find(node.class_type) !== null) return [];
    const files = Object.entries(node.inputs).filter(([, value]) => isModelName(value));
    return files.map(([input, value]) =>
      foundUse(prompt, { nodeId, className: node.class_type, input, value: String(value) }),
    );
  });
  return [...listed, ...unheard];
}

function foundUse(prompt: ApiPrompt, { nodeId, className, input, value }: ModelUse): FoundUse {
  return { className, input, value, node: prompt[nodeId]?._meta?.title ?? className };
}

function isSameUse(a: FoundUse, b: FoundUse): boolean {
  return a.className === b.className && a.input === b.input && a.node === b.node && a.value === b.value;
}

function folderFor(
  use: FoundUse,
  name: string,
  models: readonly PageModel[],
  guess: FolderGuess,
): string | null {
  const { className, input } = use;
  const known = input === null ? folderOfClass(className) : folderOfInput(className, input);
  if (known !== null) return known;
  const told = models.find((model) => model.folder !== null && isSameFile(model.name, name));
  return told?.folder ?? guess(use, name);
}

/** The page writes names with and without the folders below. */
function isSameFile(a: string, b: string): boolean {
  return a === b || baseName(a) === baseName(b);
}

function takeUrl(model: PageModel, drafts: readonly Draft[]): void {
  if (model.url === null) return;
  for (const draft of drafts) {
    const isThere = model.folder === null || draft.folder === null || model.folder === draft.folder;
    if (isThere && isSameFile(model.name, draft.name)) draft.url ??= model.url;
  }
}

/** What a node was told in another way than by a list; what no node names any more is left from an older choice. */
function addMentioned(model: PageModel, prompts: readonly ApiPrompt[], drafts: Map<string, Draft>): void {
  if ([...drafts.values()].some((draft) => isSameFile(draft.name, model.name))) return;
  const { name, folder, url } = model;
  const use = prompts.map((prompt) => mentionIn(prompt, name)).find((one) => one !== null);
  if (use) drafts.set(`${folder ?? ''}\n${name}`, { name, folder, url, uses: [use] });
}

function mentionIn(prompt: ApiPrompt, name: string): FoundUse | null {
  for (const [nodeId, { class_type: className, inputs }] of Object.entries(prompt)) {
    for (const [input, value] of Object.entries(inputs)) {
      if (typeof value !== 'string' || withSlashes(value) !== name) continue;
      return foundUse(prompt, { nodeId, className, input, value });
    }
  }
  return null;
}

/** Knows every class: those that the fleet lacks as ones without inputs, so that the rest of a workflow can be read. */
export function lenient(catalog: NodeCatalog): NodeCatalog {
  return { find: (className) => catalog.find(className) ?? unheardOf(className) };
}

function unheardOf(className: string): NodeDefinition {
  return {
    className,
    displayName: className,
    input: { required: {}, optional: {} },
    order: [],
    output: [],
    outputNode: false,
  };
}
