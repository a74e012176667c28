import { createHash } from 'node:crypto';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { inOrder, isLink, linksOf, type Nodes, readNodes } from './node-graph.ts';
import { workUnits } from './work-units.ts';

/** What the speed of a server is learned by: prompts that differ in seeds, texts, file names or size alone are alike. */

export interface WorkflowKey {
  /** Hash of what is computed, whatever the ids and the order of the nodes. */
  readonly workflow: string;
  /** 512 × 512 pixels × batch × steps; at least 1 picture and 1 step are assumed. */
  readonly units: number;
  /** First checkpoint or diffusion model in the graph; null for a graph without one. */
  readonly model: string | null;
}

export function workflowKey(prompt: ApiPrompt): WorkflowKey {
  const nodes = readNodes(prompt);
  const { order } = inOrder(nodes, new Set(nodes.keys()));
  return { workflow: structureHash(nodes, order), units: workUnits(nodes, order), model: modelOf(nodes) };
}

const MODEL_INPUTS = ['ckpt_name', 'unet_name'] as const;

function modelOf(nodes: Nodes): string | null {
  for (const node of nodes.values()) {
    for (const input of MODEL_INPUTS) {
      const name = node.inputs[input];
      if (typeof name === 'string') return name;
    }
  }
  return null;
}

/** Every node by its class, its settings and what it is fed with; then all of them, sorted. */
function structureHash(nodes: Nodes, order: readonly string[]): string {
  const hashes = new Map<string, string>();
  for (const id of order) {
    const node = nodes.get(id);
    if (node !== undefined) hashes.set(id, hash(describeNode(node, hashes)));
  }
  return hash([...hashes.values()].sort().join());
}

function describeNode(node: ApiNode, hashes: ReadonlyMap<string, string>): string {
  const links = linksOf(node).map(([input, [id, output]]) => `${input}<${hashes.get(id) ?? ''}.${output}`);
  const settings = Object.entries(node.inputs)
    .filter(([input, value]) => !isLink(value) && matters(node.class_type, input, value))
    .map(([input, value]) => `${input}=${typeof value}:${String(value)}`);
  return [node.class_type, ...links.sort(), ...settings.sort()].join('\n');
}

/** What a seed, a text, a file name or an amount of work is; amounts are in the units. */
const IGNORED =
  /^(?:seed|noise_seed|filename_prefix|text.*|prompt.*|negative.*|positive.*|caption|string|width|height|batch_size|length|steps|start_at_step|end_at_step|batch_index|amount)$/;
const LOADED = /^(?:image|audio|video|file|mask)$/;

function matters(className: string, input: string, value: unknown): boolean {
  if (IGNORED.test(input) || (LOADED.test(input) && /load/i.test(className))) return false;
  if (/primitive/i.test(className) && input === 'value') return false;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
