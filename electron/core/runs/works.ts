import { MASTER_ID } from '../../../shared/model.ts';
import { workflowKey } from '../graph/compile.ts';
import type { Work, WorkId } from '../scheduler/scheduler-types.ts';
import type { ActiveRun, ActiveShard } from './active-run.ts';
import type { RunBook } from './run-book.ts';
import { NO_INPUTS } from './run-inputs.ts';

/** Between two runs in the queue: no run has as many shards. */
export const ORDER_STEP = 1_000_000;

type Key = ReturnType<typeof workflowKey>;

/** The second pass may run elsewhere when the master is down; one array per run, as the scheduler groups by identity. */
const secondPassEligible = new WeakMap<ActiveRun['eligible'], ActiveRun['eligible']>();
const templateKeys = new WeakMap<object, Key>();

/** What the scheduler has to know about a shard. */
export function workOf(shard: ActiveShard): Work {
  const { run, stage, index } = shard;
  const template = run.plan.templates[run.plan.shards[index]?.template ?? 0];
  const prompt = stage === 2 ? (run.secondPass?.prompt ?? {}) : (template?.prompt ?? {});
  const { workflow, units, model } = keyOf(prompt);
  return {
    id: shard.workId,
    runId: run.id,
    order: run.record.order * ORDER_STEP + (stage === 2 ? 0 : index),
    workflow,
    // A slice of a batch takes its share of the batch's time.
    units: units * (run.plan.shards[index]?.slice?.count ?? 1),
    model,
    eligible: stage === 2 ? secondPassOf(run) : run.eligible,
    preferred: stage === 2 ? MASTER_ID : null,
    inputs: (template === undefined || stage === 2 ? null : run.inputs.get(template.prompt)) ?? NO_INPUTS,
  };
}

/** The shard that a work stands for; null when its run is over. */
export function shardOf(id: WorkId, book: Pick<RunBook, 'find'>): ActiveShard | null {
  const [runId = '', stage, index] = id.split('/');
  return book.find(runId)?.shard(stage === '2' ? 2 : 1, Number(index)) ?? null;
}

function keyOf(prompt: object & Parameters<typeof workflowKey>[0]): Key {
  const known = templateKeys.get(prompt);
  if (known !== undefined) return known;
  const key = workflowKey(prompt);
  templateKeys.set(prompt, key);
  return key;
}

function secondPassOf({ eligible }: ActiveRun): ActiveRun['eligible'] {
  const known = secondPassEligible.get(eligible);
  if (known !== undefined) return known;
  const all = [MASTER_ID, ...eligible.filter((id) => id !== MASTER_ID)];
  secondPassEligible.set(eligible, all);
  return all;
}
