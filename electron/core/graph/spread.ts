import { EnsembleError } from '../../../shared/errors.ts';
import { type Batch, findBatch } from './batch-split.ts';
import type { NodeCatalog } from './catalog.ts';
import type { Roots } from './checks.ts';
import { isCollector } from './distributed-nodes.ts';
import { decideFanOut, type FanOut } from './fan-out.ts';
import { type Nodes, upstream } from './node-graph.ts';
import type { CompileRequest } from './plan.ts';
import type { Resolved } from './resolve-distributed.ts';
import { type OffsetSeeds, offsetSeeds } from './seeds.ts';
import { type SpreadTiles, spreadTiles } from './tiles/spread-tiles.ts';

/** Into what a graph is shared out: seeds, slices of a batch, or tiles of a picture. */

export interface Spread {
  readonly fanOut: FanOut;
  readonly seeded: OffsetSeeds;
  /** To be split; null when none is. */
  readonly batch: Batch | null;
  /** Collectors in front of which everything is in every shard; empty: in all of them. */
  readonly drawn: readonly string[];
}

/** @throws EnsembleError('bad-argument') for what cannot be shared out as asked */
export function spread(
  request: CompileRequest,
  original: Nodes,
  resolved: Resolved,
  { roots, live }: Roots,
  catalog: NodeCatalog,
): Spread {
  const pictures = new Map(Object.entries(request.pictures));
  const tiles = spreadTiles(resolved.nodes, live, catalog, pictures);
  if (tiles !== null) return asTiles(request, resolved, tiles);
  const batch = request.splitBatch ? findBatch(resolved.nodes, upstream(resolved.nodes, roots)) : null;
  const fanOut = decideFanOut(request, original, live, batch?.size ?? null);
  return {
    fanOut,
    seeded: offsetSeeds(resolved, roots, fanOut, catalog),
    batch,
    drawn: [...live].filter((id) => isCollector(original.get(id))),
  };
}

function asTiles({ copies, splitBatch }: CompileRequest, resolved: Resolved, tiles: SpreadTiles): Spread {
  const { nodes, count, collector, varying, seed, warnings } = tiles;
  if (splitBatch || (copies !== null && copies !== count)) {
    throw EnsembleError.badArgument(
      splitBatch ? 'splitBatch' : 'copies',
      `This workflow is shared out as the ${count} tiles of its picture, and not as ${splitBatch ? 'slices of a batch' : `${copies} copies`} as well.`,
      splitBatch ? 'Leave the batch whole.' : 'Leave out the number of copies.',
    );
  }
  const same = resolved.hasValues ? ['All tiles have the values of the first shard.'] : [];
  return {
    fanOut: { kind: 'tiles', count, warnings },
    seeded: { nodes, varying, seeds: [], seedOf: () => seed, warnings: same },
    batch: null,
    drawn: [collector],
  };
}
