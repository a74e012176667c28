import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import { compile, shardOutputs, shardPrompt } from '../../../electron/core/graph/compile.ts';
import type { CompileRequest, Plan } from '../../../electron/core/graph/plan.ts';
import { expectSound } from './compile-checks.ts';
import { distributedTxt2img, node, plainTxt2img, request, sampling } from './fixtures/graphs.ts';

const plan = (of: CompileRequest): Plan => compile(of, EMPTY_CATALOG);
const LAST_SEED = 2n ** 64n - 1n;

describe('fanning a distributed workflow out', () => {
  it('gives shard k the seed + k, whoever computes it', () => {
    const four = plan(request(distributedTxt2img(), 4));
    expect(four.kind).toBe('distributed');
    expect(four.seeds).toEqual([{ nodeId: '9', input: 'seed', base: 42n }]);
    expect(four.shards.map(({ seed }) => seed)).toEqual([42n, 43n, 44n, 45n]);
    expect([0, 1, 2, 3].map((k) => shardPrompt(four, k)['5']?.inputs['seed'])).toEqual([42, 43, 44, 45]);
    for (let k = 0; k < 4; k += 1) {
      expectSound(
        shardPrompt(four, k),
        shardOutputs(four, k).map(({ nodeId }) => nodeId),
      );
    }
  });

  it('makes the same shards on a smaller fleet when so many are asked for', () => {
    const onFour = plan(request(distributedTxt2img(), 4));
    const onTwo = plan(request(distributedTxt2img(), 2, { copies: 4 }));
    expect(onTwo).toEqual(onFour);
  });

  it('does not change a shard with the number of its siblings', () => {
    const [few, many] = [2, 9].map((copies) => plan(request(distributedTxt2img(), 1, { copies })));
    if (few === undefined || many === undefined) throw new Error('no plans');
    expect(shardPrompt(few, 1)).toEqual(shardPrompt(many, 1));
  });

  it('counts on from 0 behind the last seed, with every digit', () => {
    const prompt = plan(request(distributedTxt2img(LAST_SEED), 3));
    expect([0, 1, 2].map((k) => shardPrompt(prompt, k)['5']?.inputs['seed'])).toEqual([LAST_SEED, 0, 1]);
    expect(prompt.shards[0]?.seed).toBe(LAST_SEED);
  });

  it('finds a seed behind a primitive node, which then goes', () => {
    const graph = { ...distributedTxt2img(['20', 0]), '20': node('PrimitiveInt', { value: 7 }) };
    const two = plan(request(graph, 2));
    expect(shardPrompt(two, 1)['5']?.inputs['seed']).toBe(8);
    expect(shardPrompt(two, 1)['20']).toBeUndefined();
  });

  it('runs on one participant where load balancing is asked for, unless copies are', () => {
    const graph = {
      ...distributedTxt2img(),
      '7': node('DistributedCollector', { images: ['6', 0], load_balance: true }),
    };
    expect(plan(request(graph, 4)).shards).toHaveLength(1);
    expect(plan(request(graph, 4, { copies: 3 })).shards).toHaveLength(3);
  });

  it('warns when all shards would make the same', () => {
    const graph = { ...distributedTxt2img(), ...sampling(42) };
    expect(plan(request(graph, 2)).warnings).toEqual([expect.stringContaining('make the same')]);
    expect(plan(request(graph, 1)).warnings).toEqual([]);
  });
});

describe('values of their own', () => {
  const withValue = (values: unknown, standard: unknown = '7.5'): CompileRequest => {
    const graph: ApiPrompt = {
      ...distributedTxt2img(),
      '12': node('DistributedValue', { default_value: standard, worker_values: values }),
    };
    const sampler = graph['5'];
    if (sampler === undefined) throw new Error('no sampler');
    return request({ ...graph, '5': { ...sampler, inputs: { ...sampler.inputs, cfg: ['12', 0] } } }, 4);
  };
  const values = (of: CompileRequest): readonly unknown[] => {
    const made = plan(of);
    return made.shards.map(({ index }) => shardPrompt(made, index)['5']?.inputs['cfg']);
  };

  it.each([
    ['FLOAT', { '1': '3', '2': '', '3': 4.5, _type: 'FLOAT' }, [7.5, 3, 7.5, 4.5]],
    ['INT', { '1': '3.9', '2': '-2.5', '3': '18446744073709551615', _type: 'INT' }, [7, 3, -2, LAST_SEED]],
    ['STRING', { '1': 'a', _type: 'STRING' }, ['7.5', 'a', '7.5', '7.5']],
    ['no type', { '2': 'b' }, ['7.5', '7.5', 'b', '7.5']],
    ['COMBO', { '3': 'euler', _type: 'COMBO', _by_worker_id: { x: 'no' } }, ['7.5', '7.5', '7.5', 'euler']],
  ])('takes %s', (_, raw, expected) => {
    expect(values(withValue(raw))).toEqual(expected);
    const text = JSON.stringify(raw, (_key, value: unknown) => value);
    expect(values(withValue(text))).toEqual(expected);
  });

  it('keeps what differs as literals of the shard', () => {
    const made = plan(withValue({ '1': '3', _type: 'FLOAT' }));
    expect(made.shards[1]?.literals).toContainEqual({ nodeId: '5', input: 'cfg', value: 3 });
    expect(made.shards[2]?.literals.map(({ input }) => input)).toEqual(['seed', 'filename_prefix']);
  });

  it('names a value that cannot be converted', () => {
    expect(() => values(withValue({ '2': 'much', _type: 'FLOAT' }))).toThrow(
      /DistributedValue \(node 12\): value “2” is “much”, which is no number/,
    );
    expect(() => values(withValue({ _type: 'INT' }, 'seven'))).toThrow(/the default value is “seven”/);
    expect(() => values(withValue('{"1": '))).toThrow(/node 12.*no JSON object/);
    expect(() => values(withValue('[1]'))).toThrow(/node 12.*no JSON object/);
  });
});

describe('copies of a workflow without distributed nodes', () => {
  it('offsets every seed of a sampler or of what feeds one', () => {
    const graph = {
      ...plainTxt2img(5),
      '20': node('RandomNoise', { noise_seed: 11 }),
      '21': node('SamplerCustomAdvanced', { noise: ['20', 0], latent_image: ['5', 0] }),
      '22': node('VAEDecode', { samples: ['21', 0], vae: ['1', 2] }),
      '23': node('SaveImage', { images: ['22', 0], filename_prefix: 'two' }),
      '24': node('Unrelated', { seed: 99 }),
    };
    const made = plan(request(graph, 1, { copies: 3 }));
    expect(made.kind).toBe('copies');
    expect(made.seeds.map(({ nodeId, input }) => `${nodeId}.${input}`)).toEqual(['5.seed', '20.noise_seed']);
    const third = shardPrompt(made, 2);
    expect([third['5']?.inputs['seed'], third['20']?.inputs['noise_seed']]).toEqual([7, 13]);
    expect(third['24']?.inputs['seed']).toBe(99);
    expect(made.templates).toHaveLength(1);
  });

  it('offsets a seed that comes from a primitive node', () => {
    const graph = { ...plainTxt2img(['30', 0]), '30': node('PrimitiveInt', { value: 5 }) };
    const made = plan(request(graph, 1, { copies: 2 }));
    expect(shardPrompt(made, 1)['5']?.inputs['seed']).toBe(6);
  });

  it('warns when no sampler has a seed, and leaves "random" alone', () => {
    const made = plan(request(plainTxt2img(-1), 1, { copies: 2 }));
    expect(made.warnings).toEqual([expect.stringContaining('make the same')]);
    expect(shardPrompt(made, 1)['5']?.inputs['seed']).toBe(-1);
  });

  it('runs whole on one participant when nothing is asked for', () => {
    const made = plan(request(plainTxt2img(5), 3));
    expect([made.kind, made.shards.length, made.secondStage]).toEqual(['whole', 1, null]);
    expect(shardOutputs(made, 0)).toEqual([
      { nodeId: '7', results: [{ nodeId: '7', prefix: 'mine', preview: false }], gathers: [] },
    ]);
  });
});

describe('names on the servers', () => {
  it('come from the content, so that no two shards share one and equal prompts are equal', () => {
    const made = plan(request(plainTxt2img(5), 1, { copies: 50 }));
    const names = made.shards.map(({ index }) => shardPrompt(made, index)['7']?.inputs['filename_prefix']);
    expect(new Set(names).size).toBe(50);
    for (const name of names) expect(name).toMatch(/^ensemble\/[0-9a-f]{16}$/);
    const renamed = {
      ...plainTxt2img(5),
      '7': node('SaveImage', { images: ['6', 0], filename_prefix: 'other' }),
    };
    expect(shardPrompt(plan(request(renamed)), 0)).toEqual(shardPrompt(plan(request(plainTxt2img(5))), 0));
  });

  it('differ between the savers of a shard', () => {
    const graph = {
      ...plainTxt2img(5),
      '8': node('SaveLatent', { samples: ['5', 0], filename_prefix: 'latents/x' }),
    };
    const made = shardPrompt(plan(request(graph)), 0);
    const names = ['7', '8'].map((id) => made[id]?.inputs['filename_prefix']);
    expect(new Set(names).size).toBe(2);
  });
});
