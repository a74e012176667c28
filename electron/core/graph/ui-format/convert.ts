import { EnsembleError } from '../../../../shared/errors.ts';
import type { ApiNode, ApiPrompt } from '../../comfy/prompt.ts';
import type { NodeCatalog, NodeDefinition } from '../catalog.ts';
import { withDistributed } from '../distributed-definitions.ts';
import { inputSpecs, specOptions } from '../input-spec.ts';
import { BYPASSED, MUTED, readDocument, type UiDocument, type UiNode } from './document.ts';
import { resolveInput } from './resolve.ts';
import { childScope, promptId, rootScope, type Scope, valuesOf } from './scope.ts';
import { chooseText, fillFileName, hasChoices, type TextSources } from './text.ts';
import { whyNot } from './unconvertible.ts';
import { isVirtual, linksUnseen } from './virtual-nodes.ts';
import { CUSTOM_COMBO } from './widgets.ts';

/** UI format → API format, as the ComfyUI page does it when it queues a workflow. */

export interface Conversion {
  readonly prompt: ApiPrompt;
  readonly warnings: readonly string[];
}

interface Leaf {
  readonly scope: Scope;
  readonly node: UiNode;
  readonly definition: NodeDefinition;
}

interface Work {
  readonly leaves: Leaf[];
  readonly problems: string[];
  readonly warnings: string[];
  readonly sources: TextSources;
}

/** Subgraphs inside subgraphs multiply: no workflow that a server could run is larger. */
const MAX_NODES = 100_000;
const NAMED_AT_MOST = 20;

/** @throws EnsembleError bad-argument, naming every node that cannot be converted */
export function convertUiWorkflow(
  ui: Readonly<Record<string, unknown>>,
  catalog: NodeCatalog,
  sources: TextSources,
): Conversion {
  const document = readDocument(ui);
  refuseEndless(document);
  const work: Work = { leaves: [], problems: [], warnings: [], sources };
  collect(rootScope(document, withDistributed(catalog)), work);
  refuseUnconvertible(work.problems);
  const prompt = Object.fromEntries(
    work.leaves.map((leaf) => [promptId(leaf.scope, leaf.node.id), apiNode(leaf, work)]),
  );
  return { prompt, warnings: work.warnings };
}

function collect(scope: Scope, work: Work): void {
  for (const node of scope.graph.nodes.values()) {
    if (node.mode === MUTED || node.mode === BYPASSED || isVirtual(node)) continue;
    const inside = childScope(scope, node);
    if (inside) {
      collect(inside, work);
      continue;
    }
    const definition = scope.catalog.find(node.type);
    const problem = whyNot(node, definition);
    if (problem !== null || !definition) {
      work.problems.push(`${label(scope, node)}: ${problem}`);
      continue;
    }
    if (linksUnseen(node)) {
      work.warnings.push(
        `${label(scope, node)} makes its connections in the ComfyUI page; they are not taken over.`,
      );
    }
    if (work.leaves.length >= MAX_NODES) {
      throw EnsembleError.badArgument('workflow', `The workflow has more than ${MAX_NODES} nodes.`);
    }
    work.leaves.push({ scope, node, definition });
  }
}

function apiNode(leaf: Leaf, work: Work): ApiNode {
  const { scope, node, definition } = leaf;
  const inputs = new Map<string, unknown>();
  for (const [name, value] of valuesOf(scope, node)) {
    if (value !== undefined)
      inputs.set(name, literal(queuedValue(leaf, name, value, work), isCurve(leaf, name)));
  }
  for (const [index, input] of node.inputs.entries()) {
    if (input.link === null) continue;
    const source = resolveInput(scope, node, index);
    if (source?.kind === 'link') inputs.set(input.name, [source.nodeId, source.output]);
    else if (source?.kind === 'value' && source.value !== undefined)
      inputs.set(input.name, literal(source.value, false));
    else if (!source && !inputs.has(input.name) && Object.hasOwn(definition.input.required, input.name)) {
      work.warnings.push(
        `${label(scope, node)} has nothing on its input ${input.name}: what it is linked to is muted, bypassed or not connected itself.`,
      );
    }
  }
  if (node.type === CUSTOM_COMBO) inputs.set('index', chosenIndex(inputs));
  return {
    inputs: Object.fromEntries(inputs),
    class_type: node.type,
    _meta: { title: node.title ?? definition.displayName },
  };
}

/** The choice may have been made outside of the node, on the subgraph around it. */
function chosenIndex(inputs: ReadonlyMap<string, unknown>): number {
  const options = [...inputs].filter(([name]) => /^option\d+$/.test(name)).map(([, option]) => option);
  return Math.max(0, options.indexOf(inputs.get('choice')));
}

/** The value as the page would queue it: one of the choices in a text, node values in a file name. */
function queuedValue(leaf: Leaf, name: string, value: unknown, work: Work): unknown {
  if (typeof value !== 'string') return value;
  const { random, now } = work.sources;
  if (name === 'filename_prefix' && leaf.definition.outputNode) {
    return fillFileName(value, (node, widget) => widgetOf(work.leaves, node, widget), now);
  }
  if (!/[{}\\]|\/[/*]/.test(value) || specOptionsOf(leaf, name)['dynamicPrompts'] !== true) return value;
  if (!random && hasChoices(value)) {
    work.warnings.push(`${label(leaf.scope, leaf.node)}: of the choices in ${name} the first one is taken.`);
  }
  return chooseText(value, random ?? (() => 0));
}

function widgetOf(leaves: readonly Leaf[], name: string, widget: string): unknown {
  const leaf =
    leaves.find(({ node }) => (node.properties['Node name for S&R'] ?? node.type) === name) ??
    leaves.find(({ node, definition }) => (node.title ?? definition.displayName) === name);
  const values = leaf ? valuesOf(leaf.scope, leaf.node) : null;
  return values?.has(widget) ? values.get(widget) : null;
}

function isCurve(leaf: Leaf, name: string): boolean {
  const spec = leaf.definition.input.required[name] ?? leaf.definition.input.optional[name];
  return Array.isArray(spec) && spec[0] === 'CURVE';
}

function specOptionsOf(leaf: Leaf, name: string): Readonly<Record<string, unknown>> {
  const values = valuesOf(leaf.scope, leaf.node);
  for (const input of inputSpecs(leaf.definition, (combo) => values.get(combo))) {
    if (input.name === name) return specOptions(input.spec);
  }
  return {};
}

/** A list would be read as a link, so the server takes it wrapped. */
function literal(value: unknown, curve: boolean): unknown {
  if (!Array.isArray(value)) return value;
  return curve ? { __type__: 'CURVE', __value__: value } : { __value__: value };
}

function refuseUnconvertible(problems: readonly string[]): void {
  if (problems.length === 0) return;
  const named = problems.slice(0, NAMED_AT_MOST).join('; ');
  const rest = problems.length - NAMED_AT_MOST;
  throw EnsembleError.badArgument(
    'workflow',
    `These nodes cannot be converted: ${named}${rest > 0 ? `; and ${rest} more` : ''}.`,
    'Open the workflow in a ComfyUI that has these nodes and export it there in API format, or mute them.',
  );
}

/** A subgraph inside itself would never end. */
function refuseEndless(document: UiDocument): void {
  const done = new Set<string>();
  const visit = (id: string, around: ReadonlySet<string>): void => {
    const graph = document.subgraphs.get(id);
    if (!graph || done.has(id)) return;
    if (around.has(id)) {
      throw EnsembleError.badArgument('workflow', `The subgraph "${graph.name || id}" contains itself.`);
    }
    const inner = new Set(around).add(id);
    for (const node of graph.nodes.values()) visit(node.type, inner);
    done.add(id);
  };
  for (const id of document.subgraphs.keys()) visit(id, new Set());
}

function label(scope: Scope, node: UiNode): string {
  const id = promptId(scope, node.id);
  return node.title !== null && node.title !== node.type
    ? `"${node.title}" (${node.type}, node ${id})`
    : `${node.type} (node ${id})`;
}
