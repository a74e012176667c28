import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../electron/core/graph/plan.ts';
import { previewOf } from '../../../electron/core/runs/plan-preview.ts';
import { smallPlan } from './small-plans.ts';

function preview(plan: Plan) {
  return previewOf({
    plan,
    selection: {
      mode: 'participating',
      modeReason: 'It renders too.',
      participants: [],
      candidates: [],
      lacking: false,
      all: [],
    },
    inputs: [],
    warnings: ['Slow.'],
    problems: [],
    sizes: new Map(),
    pngInfo: null,
  });
}

describe('what will happen', () => {
  it('names seeds by the titles of their nodes, exactly', () => {
    const { seeds, shards, kind, warnings } = preview(smallPlan(2, 2n ** 64n - 1n));
    expect(seeds).toEqual([{ nodeId: '3', node: 'Sampler', input: 'seed', base: '18446744073709551615' }]);
    expect(shards[0]).toMatchObject({ index: 0, seed: '18446744073709551615', nodes: 3, values: [] });
    expect({ kind, warnings }).toEqual({ kind: 'copies', warnings: ['Slow.'] });
  });

  it('shows what else a shard has of its own', () => {
    const plan = smallPlan(1);
    const literals = [
      { nodeId: '3', input: 'seed', value: 7n },
      { nodeId: '3', input: 'cfg', value: 2n ** 60n },
      { nodeId: '5', input: 'text', value: 'a "tree"' },
      { nodeId: '9', input: 'filename_prefix', value: 'x' },
    ];
    const { shards } = preview({ ...plan, shards: plan.shards.map((shard) => ({ ...shard, literals })) });
    expect(shards[0]?.values).toEqual([
      { nodeId: '3', input: 'cfg', value: '1152921504606846976' },
      { nodeId: '5', input: 'text', value: '"a \\"tree\\""' },
    ]);
  });

  it('shows 200 shards at most, and says how many there are', () => {
    const { shards, shardCount, prompts } = preview(smallPlan(1_000));
    expect([shards.length, shardCount, prompts.length]).toEqual([200, 1_000, 200]);
    expect(prompts[3]).toContain('"seed":10');
  });

  it('hands no page more prompts than it can hold', () => {
    const plan = smallPlan(100);
    const [template] = plan.templates;
    const text = 'x'.repeat(1_500_000);
    const prompt = { ...template?.prompt, '5': { class_type: 'Note', inputs: { text } } };
    const large = { ...plan, templates: [{ outputs: [], prompt }] };
    expect(preview(large).prompts).toHaveLength(2);
  });

  it('names what the second pass runs', () => {
    const prompt = {
      '12': { class_type: 'ImageScale', inputs: {}, _meta: { title: 'Half' } },
      '13': { class_type: 'SaveImage', inputs: {} },
    };
    const secondStage = { prompt, gathers: [], outputs: [] };
    expect(preview(smallPlan(1, 7n, { secondStage })).secondStage).toEqual(['Half', expect.any(String)]);
    expect(preview(smallPlan(1)).secondStage).toEqual([]);
  });
});
