import type { ApiNode } from '../comfy/prompt.ts';
import { smallInteger } from './literals.ts';
import { isLink, linksOf, type Nodes } from './node-graph.ts';

/** Pixels of one unit of work. */
const UNIT_PIXELS = 512 * 512;
/** Frames of a video latent that are sampled as one. */
const FRAMES_TOGETHER = 4;

/** An estimate for scaling learned times: area × batch × frames × steps, in pictures of 512 × 512 and one step. */
export function workUnits(nodes: Nodes, order: readonly string[]): number {
  let area = 0;
  let frames = 1;
  let steps = 0;
  const batches = new Map<string, number>();
  const used = new Set<string>();
  for (const id of order) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    area = Math.max(area, integer(node, 'width') * integer(node, 'height'));
    if (/^Empty.*Video/.test(node.class_type)) frames = Math.max(frames, integer(node, 'length'));
    steps += stepsOf(node);
    batches.set(id, batchOf(node, batches));
    for (const [, [source]] of linksOf(node)) used.add(source);
  }
  // A latent that is cut into slices is made whole: what counts is what is left at the samplers, or else at the ends.
  const samplers = order.filter((id) => /sampler/i.test(nodes.get(id)?.class_type ?? ''));
  const counted = samplers.length > 0 ? samplers : order.filter((id) => !used.has(id));
  const batch = Math.max(1, ...counted.map((id) => batches.get(id) ?? 1));
  const together = 1 + (frames - 1) / FRAMES_TOGETHER;
  return (area === 0 ? 1 : area / UNIT_PIXELS) * batch * together * Math.max(1, steps);
}

function batchOf(node: ApiNode, batches: ReadonlyMap<string, number>): number {
  const fed = linksOf(node).map(([, [source]]) => batches.get(source) ?? 1);
  switch (node.class_type) {
    case 'LatentFromBatch':
    case 'ImageFromBatch':
      return Math.min(Math.max(1, ...fed), integer(node, 'length') || 1);
    case 'RepeatLatentBatch':
    case 'RepeatImageBatch':
      return Math.max(1, ...fed) * (integer(node, 'amount') || 1);
    case 'LatentBatch':
    case 'ImageBatch':
      return fed.reduce((sum, batch) => sum + batch, 0);
    default:
      return Math.max(1, integer(node, 'batch_size'), ...fed);
  }
}

/** Steps that a sampler or its scheduler really takes. */
function stepsOf(node: ApiNode): number {
  const steps = integer(node, 'steps');
  const end = node.inputs['end_at_step'];
  if (steps === 0 || isLink(end) || end === undefined) return steps;
  return Math.max(0, Math.min(steps, Number(end)) - integer(node, 'start_at_step'));
}

/** 0 when there is none. */
function integer(node: ApiNode, input: string): number {
  return Math.max(0, smallInteger(node.inputs[input]) ?? 0);
}
