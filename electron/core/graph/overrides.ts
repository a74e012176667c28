import { EnsembleError } from '../../../shared/errors.ts';
import { nearest } from '../../../shared/nearest.ts';
import type { InputOverride } from '../../../shared/runs.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from './catalog.ts';
import { inputSpecs } from './input-spec.ts';
import { readOverrideValue } from './override-value.ts';

/**
 * The prompt with some of its literals changed, in order. A node is named by its id, else by a title or a class that only one
 * node has.
 * @param catalog null: values keep the type that they look like, and only inputs that the workflow has can be set
 * @throws EnsembleError bad-argument, with what was probably meant
 */
export function applyOverrides(
  prompt: ApiPrompt,
  set: readonly InputOverride[],
  catalog: NodeCatalog | null,
): ApiPrompt {
  return set.reduce((current, override) => applyOne(current, override, catalog), prompt);
}

function applyOne(prompt: ApiPrompt, override: InputOverride, catalog: NodeCatalog | null): ApiPrompt {
  const nodeId = findNode(prompt, override.node);
  const node = prompt[nodeId];
  if (!node) return prompt;
  const { input } = override;
  const specs = specsOf(node, catalog);
  if (!Object.hasOwn(node.inputs, input) && !specs.has(input)) {
    const known = [...new Set([...Object.keys(node.inputs), ...specs.keys()])];
    throw refusal(`${label(node, nodeId)} has no input "${input}".`, suggestion(input, known));
  }
  const value = readOverrideValue({
    text: override.value,
    spec: specs.get(input) ?? null,
    current: node.inputs[input],
    where: `${label(node, nodeId)}, input ${input}`,
  });
  return { ...prompt, [nodeId]: { ...node, inputs: { ...node.inputs, [input]: value } } };
}

function specsOf(node: ApiNode, catalog: NodeCatalog | null): ReadonlyMap<string, unknown> {
  const definition = catalog?.find(node.class_type);
  if (!definition) return new Map();
  const specs = inputSpecs(definition, (combo) => node.inputs[combo]);
  return new Map([...specs].map(({ name, spec }) => [name, spec]));
}

function findNode(prompt: ApiPrompt, name: string): string {
  if (Object.hasOwn(prompt, name)) return name;
  const nodes = Object.entries(prompt);
  const titled = nodes.filter(([, node]) => node._meta?.title === name);
  const found = titled.length > 0 ? titled : nodes.filter(([, node]) => node.class_type === name);
  const [first] = found;
  if (found.length === 1 && first) return first[0];
  if (first) {
    const ids = found.map(([id]) => id).join(', ');
    throw refusal(`${found.length} nodes are called "${name}".`, `Name one by its id: ${ids}.`);
  }
  const names = nodes.flatMap(([id, node]) => [id, node._meta?.title ?? id, node.class_type]);
  throw refusal(`The workflow has no node "${name}".`, suggestion(name, [...new Set(names)]));
}

function suggestion(word: string, known: readonly string[]): string {
  const likely = nearest(word, known);
  if (likely !== null) return `Did you mean "${likely}"?`;
  const shown = known.slice(0, 12).join(', ');
  return `There are: ${shown}${known.length > 12 ? ', …' : ''}.`;
}

function label(node: ApiNode, nodeId: string): string {
  return `${node._meta?.title ?? node.class_type} (node ${nodeId})`;
}

function refusal(message: string, hint: string): EnsembleError {
  return EnsembleError.badArgument('set', message, hint);
}
