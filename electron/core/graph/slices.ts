import type { ApiNode } from '../comfy/prompt.ts';
import { freshId, type Link } from './node-graph.ts';

/**
 * Which items of an empty latent batch a shard gets, with the noise that they have in the whole batch: LatentFromBatch keeps
 * the place in the batch, and samplers draw by it.
 */

export interface Slice {
  readonly first: number;
  readonly count: number;
}

/** Contiguous and near-equal, remainder first. */
export function sliceBatch(total: number, parts: number): readonly Slice[] {
  const slices: Slice[] = [];
  let first = 0;
  for (let index = 0; index < parts; index += 1) {
    const count = Math.floor(total / parts) + (index < total % parts ? 1 : 0);
    slices.push({ first, count });
    first += count;
  }
  return slices;
}

/** What the LatentFromBatch of every supported server takes. */
const MOST_INDEX = 63;
const MOST_LENGTH = 64;

/**
 * Nodes that cut the slice out; the last one has `lastId`. Beyond the limits of LatentFromBatch, an item is repeated, which
 * counts its place up (RepeatLatentBatch does so), and the last repetition is picked: the items of an empty latent are alike.
 */
export function sliceNodes(
  taken: { has(id: string): boolean },
  latent: Link,
  lastId: string,
  slice: Slice,
): readonly (readonly [id: string, node: ApiNode])[] {
  const chain = new Chain(taken, lastId);
  if (slice.first <= MOST_INDEX && slice.count <= MOST_LENGTH) {
    chain.pick(latent, slice.first, slice.count);
    return chain.finish();
  }
  let at = Math.min(slice.first, MOST_INDEX);
  let anchor = chain.pick(latent, at, 1);
  let whole: Link | null = null;
  for (let done = 0; done < slice.count; done += MOST_LENGTH) {
    while (at < slice.first + done) {
      const step = Math.min(slice.first + done - at, MOST_INDEX);
      anchor = chain.pick(chain.repeat(anchor, step + 1), step, 1);
      at += step;
    }
    const piece = chain.repeat(anchor, Math.min(slice.count - done, MOST_LENGTH));
    whole = whole === null ? piece : chain.join(whole, piece);
  }
  return chain.finish();
}

class Chain {
  readonly #nodes: (readonly [string, ApiNode])[] = [];

  constructor(
    readonly taken: { has(id: string): boolean },
    readonly lastId: string,
  ) {}

  pick(samples: Link, batchIndex: number, length: number): Link {
    return this.#add('LatentFromBatch', { samples, batch_index: batchIndex, length });
  }

  repeat(samples: Link, amount: number): Link {
    return this.#add('RepeatLatentBatch', { samples, amount });
  }

  join(samples1: Link, samples2: Link): Link {
    return this.#add('LatentBatch', { samples1, samples2 });
  }

  /** Only now is it known which node is the last one. */
  finish(): readonly (readonly [string, ApiNode])[] {
    const last = this.#nodes.pop();
    return last === undefined ? [] : [...this.#nodes, [this.lastId, last[1]]];
  }

  #add(className: string, inputs: Readonly<Record<string, unknown>>): Link {
    const id = freshId(this.taken, `${this.lastId}-${this.#nodes.length + 1}`);
    this.#nodes.push([id, { class_type: className, inputs, _meta: { title: 'Slice of the batch' } }]);
    return [id, 0];
  }
}
