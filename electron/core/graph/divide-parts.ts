import type { ApiNode } from '../comfy/prompt.ts';
import { dividedInput, isDivider, TILE_PART } from './distributed-nodes.ts';
import { badNode, describeNode } from './graph-errors.ts';
import {
  freshId,
  inOrder,
  isLink,
  type Link,
  linksOf,
  type Nodes,
  titleOf,
  upstream,
  withInputs,
} from './node-graph.ts';
import { perItem } from './per-item.ts';
import type { Amounts } from './second-stage.ts';
import { sliceBatch } from './slices.ts';

/** Dividers become cuts at fixed places, now that it is known how much there is to divide. */

/** What the ImageFromBatch of every supported server takes. */
const MOST_INDEX = 4095;
const MOST_LENGTH = 4096;

interface Work {
  readonly nodes: Map<string, ApiNode>;
  /** Pictures or seconds that come out of a node, so far as known. */
  readonly amounts: Amounts;
  /** Parts that are used, by divider and output. */
  readonly parts: Map<string, Link>;
}

/** @throws EnsembleError('bad-argument') for a part that is used but empty, or an amount that nobody knows */
export function divideParts(original: Nodes, roots: readonly string[], amounts: Amounts): Nodes {
  const work: Work = { nodes: new Map(original), amounts: new Map(amounts), parts: new Map() };
  for (const id of inOrder(original, upstream(original, roots)).order) {
    let node = work.nodes.get(id);
    if (node === undefined) continue;
    if (node.class_type === TILE_PART) node = tilePart(work.amounts, id, node);
    for (const [input, link] of linksOf(node)) {
      const divider = work.nodes.get(link[0]);
      if (divider === undefined || !isDivider(divider)) continue;
      node = withInputs(node, { [input]: partOf(work, divider, link, id) });
    }
    work.nodes.set(id, node);
    if (!work.amounts.has(id)) work.amounts.set(id, amountOf(node, work.amounts));
  }
  return work.nodes;
}

function partOf(work: Work, divider: ApiNode, [id, output]: Link, user: string): Link {
  const key = JSON.stringify([id, output]);
  const known = work.parts.get(key);
  if (known !== undefined) return known;
  const part = makePart(work, divider, [id, output], user);
  const partId = freshId(work.nodes, `${id}-part-${output + 1}`);
  work.nodes.set(partId, part.node);
  work.amounts.set(partId, part.amount);
  work.parts.set(key, [partId, 0]);
  return [partId, 0];
}

/** All tiles have as many pictures as there are frames. */
function tilePart(amounts: Amounts, id: string, node: ApiNode): ApiNode {
  const { image, index, parts } = node.inputs;
  const total = isLink(image) ? (amounts.get(image[0]) ?? 0) : 0;
  const length = total / Number(parts);
  const first = Number(index) * length;
  if (!Number.isInteger(length) || length < 1 || first > MOST_INDEX || length > MOST_LENGTH) {
    throw badNode(
      id,
      'image',
      `${total} pictures came back for ${String(parts)} tiles; the tiles of one picture, or of up to ${MOST_LENGTH} in all, can be pasted.`,
      'Run it again, with larger tiles or fewer frames if they are too many.',
    );
  }
  const title = `Tile ${Number(index) + 1} of ${String(parts)}`;
  return { class_type: 'ImageFromBatch', inputs: { image, batch_index: first, length }, _meta: { title } };
}

interface Part {
  readonly node: ApiNode;
  readonly amount: number;
}

function makePart({ nodes, amounts }: Work, divider: ApiNode, [id, output]: Link, user: string): Part {
  const input = dividedInput(divider);
  const source = divider.inputs[input];
  const amount = isLink(source) ? (amounts.get(source[0]) ?? null) : null;
  const before = isLink(source) ? describeNode(nodes, source[0]) : 'its input';
  if (amount === null) {
    throw badNode(
      id,
      input,
      `${describeNode(nodes, id)} cannot divide: ${input === 'images' ? 'how many pictures' : 'how much sound'} ${before} makes is only known on a server.`,
      'Link it to the collector directly, or through nodes that keep the number as it is.',
    );
  }
  const parts = Number(divider.inputs['divide_by']);
  const title = `Part ${output + 1} of ${titleOf(nodes, id)}`;
  const part = input === 'images' ? picturePart(amount, parts, output) : soundPart(amount, parts, output);
  if (part.amount === 0) {
    throw badNode(
      user,
      'inputs',
      `${describeNode(nodes, id)} divides ${amount === 0 ? 'nothing' : `${amount} pictures into ${parts} parts`}: part ${output + 1} is empty, but ${describeNode(nodes, user)} uses it.`,
    );
  }
  if (part.first > MOST_INDEX || (input === 'images' && part.amount > MOST_LENGTH)) {
    throw badNode(
      id,
      input,
      `${describeNode(nodes, id)} divides ${amount} pictures; not more than ${MOST_LENGTH} can be divided.`,
    );
  }
  const node = {
    ...part.node,
    inputs: { ...part.node.inputs, [input === 'images' ? 'image' : 'audio']: source },
  };
  return { node: { ...node, _meta: { title } }, amount: part.amount };
}

function picturePart(total: number, parts: number, index: number): Part & { readonly first: number } {
  const { first, count } = sliceBatch(total, parts)[index] ?? { first: 0, count: 0 };
  const node = { class_type: 'ImageFromBatch', inputs: { batch_index: first, length: count } };
  return { node, amount: count, first };
}

/** Both ends are multiples of the same part, so that neighbours meet at the same sample. */
function soundPart(total: number, parts: number, index: number): Part & { readonly first: number } {
  const start = (total * index) / parts;
  const end = (total * (index + 1)) / parts;
  // The last part is asked for a second more than there is: a server cuts at the end, and no sample is lost to rounding.
  const duration = index === parts - 1 ? end - start + 1 : end - start;
  const node = { class_type: 'TrimAudioDuration', inputs: { start_index: start, duration } };
  return { node, amount: end - start, first: 0 };
}

/** How much comes out of a node of which it can be told; null for all others. */
function amountOf(node: ApiNode, amounts: Amounts): number | null {
  const of = (input: string): number | null => {
    const value = node.inputs[input];
    return isLink(value) ? (amounts.get(value[0]) ?? null) : null;
  };
  const sum = (left: number | null, right: number | null): number | null =>
    left === null || right === null ? null : left + right;
  const number = (input: string): number | null => {
    const value = node.inputs[input];
    return typeof value === 'number' ? value : null;
  };
  const times = number('amount');
  const [pictures, sound] = [of('image'), of('audio')];
  switch (node.class_type) {
    case 'ImageBatch':
      return sum(of('image1'), of('image2'));
    case 'AudioConcat':
      return sum(of('audio1'), of('audio2'));
    case 'EmptyImage':
      return number('batch_size');
    case 'RepeatImageBatch':
      return pictures === null || times === null ? null : pictures * times;
    case 'ImageFromBatch':
      return cutAmount(pictures, number('batch_index'), number('length'));
    case 'AudioAdjustVolume':
      return sound;
    default:
      // A latent may hold several pictures: only what takes pictures and makes pictures keeps their number.
      return perItem(node.class_type)?.input === 'image' ? pictures : null;
  }
}

function cutAmount(total: number | null, first: number | null, length: number | null): number | null {
  if (total === null || first === null || length === null || first < 0) return null;
  const start = Math.min(first, Math.max(0, total - 1));
  return Math.min(length, total - start);
}
