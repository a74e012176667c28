import { stringifyExact } from '../../../electron/core/exact-json.ts';
import type { Plan, ShardPlan } from '../../../electron/core/graph/plan.ts';
import { ActiveRun } from '../../../electron/core/runs/active-run.ts';
import type { RunRecord } from '../../../electron/core/runs/records.ts';
import { runRecord } from './journal-records.ts';

/** `shards` copies of a graph with a seed; say only what the test is about. */
export function smallPlan(shards: number, base = 7n, change: Partial<Plan> = {}): Plan {
  const prompt = {
    '3': {
      class_type: 'KSampler',
      inputs: { seed: base, steps: 20, model: ['4', 0] },
      _meta: { title: 'Sampler' },
    },
    '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dream.safetensors' } },
    '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
  } as const;
  return {
    kind: 'copies',
    templates: [
      {
        prompt,
        outputs: [{ nodeId: '9', results: [{ nodeId: '9', prefix: 'cat', preview: false }], gathers: [] }],
      },
    ],
    shards: Array.from({ length: shards }, (_, index) => shardPlan(index, base + BigInt(index))),
    secondStage: null,
    seeds: [{ nodeId: '3', input: 'seed', base }],
    titles: { '9': 'Save Image' },
    warnings: [],
    ...change,
  };
}

function shardPlan(index: number, seed: bigint): ShardPlan {
  const literals = [{ nodeId: '3', input: 'seed', value: seed }];
  return { index, template: 0, literals, seed, slice: null };
}

/** Unfinished, nothing of it done. */
export function smallRun(
  shards: number,
  change: Partial<RunRecord> = {},
  plan: Plan = smallPlan(shards),
): ActiveRun {
  return new ActiveRun(runRecord('r', { plan: stringifyExact(plan), ...change }), plan, null);
}
