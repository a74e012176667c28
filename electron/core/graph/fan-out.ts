import { EnsembleError } from '../../../shared/errors.ts';
import type { PlanKind } from '../../../shared/runs.ts';
import { COLLECTOR, SEED, VALUE } from './distributed-nodes.ts';
import type { Nodes } from './node-graph.ts';
import type { CompileRequest } from './plan.ts';

/** How many shards a run has, and of what kind it is. */

export interface FanOut {
  readonly kind: PlanKind;
  readonly count: number;
  readonly warnings: readonly string[];
}

/** @throws EnsembleError('bad-argument') */
export function checkRequest({ participants, copies }: CompileRequest): void {
  if (participants.length === 0) {
    throw EnsembleError.badArgument(
      'participants',
      'Nothing takes part in this run.',
      'Select the master or a worker.',
    );
  }
  if (copies !== null && !(Number.isSafeInteger(copies) && copies >= 1)) {
    throw EnsembleError.badArgument(
      'copies',
      `The number of copies is ${copies}; it must be a whole number from 1 on.`,
    );
  }
}

/** @param batch size of the batch to split; null when none is split */
export function decideFanOut(
  { participants, copies }: CompileRequest,
  nodes: Nodes,
  live: ReadonlySet<string>,
  batch: number | null,
): FanOut {
  if (batch !== null) {
    const wanted = copies ?? participants.length;
    const warnings =
      copies !== null && copies > batch
        ? [`A batch of ${batch} has no more than ${batch} slices; ${copies} were asked for.`]
        : [];
    return { kind: 'batch-split', count: Math.min(batch, wanted), warnings };
  }
  const classes = new Set<string>();
  let balanced = false;
  for (const id of live) {
    const node = nodes.get(id);
    if (node === undefined) continue;
    classes.add(node.class_type);
    if (node.class_type === COLLECTOR && node.inputs['load_balance'] === true) balanced = true;
  }
  if (classes.has(COLLECTOR) || classes.has(SEED)) {
    return { kind: 'distributed', count: copies ?? (balanced ? 1 : participants.length), warnings: [] };
  }
  const count = copies ?? 1;
  if (count === 1) return { kind: 'whole', count, warnings: [] };
  return { kind: classes.has(VALUE) ? 'distributed' : 'copies', count, warnings: [] };
}
