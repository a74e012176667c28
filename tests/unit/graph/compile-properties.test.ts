import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiNode, ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG } from '../../../electron/core/graph/catalog.ts';
import {
  compile,
  compileSecondStage,
  shardOutputs,
  shardPrompt,
  workflowKey,
} from '../../../electron/core/graph/compile.ts';
import type { CompileRequest, Plan, ShardOutput } from '../../../electron/core/graph/plan.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { expectSound } from './compile-checks.ts';
import { node, participants } from './fixtures/graphs.ts';

/** Graphs of all kinds of nodes, most of them sensible; some ids look like those of inserted nodes. */

const IDS = [
  '1',
  '2',
  '3',
  '4',
  '5',
  '6',
  '7',
  '8',
  '10',
  '11',
  '12',
  '100',
  '6-save',
  '6-collect',
  '4-slice',
  'a',
  '12:3',
  '__proto__',
  'constructor',
];

type Type = 'latent' | 'image' | 'audio' | 'number' | 'text' | 'none';
type Link = (type: Type) => readonly [string, number];

interface Kind {
  readonly gives: readonly Type[];
  make(link: Link, number: number): ApiNode;
}

const kind = (gives: readonly Type[], make: Kind['make']): Kind => ({ gives, make });
const BASE: readonly Kind[] = [
  kind(['latent'], (_, n) => node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 + (n % 5) })),
  kind(['latent'], (link, n) =>
    node('KSampler', {
      latent_image: link('latent'),
      seed: n % 3 === 0 ? link('number') : n,
      sampler_name: 'euler',
    }),
  ),
  kind(['image'], (link) => node('VAEDecode', { samples: link('latent'), vae: link('text') })),
  kind(['audio'], () => node('LoadAudio', { audio: 'song.flac' })),
  kind(['number'], (_, n) => node('DistributedSeed', { seed: n })),
];
const KINDS: readonly Kind[] = [
  ...BASE,
  kind(['image'], (link) => node('ImageScale', { image: link('image'), width: 8, height: 8 })),
  kind(['image', 'text'], (link) => node('ImageGrid', { images: link('image'), more: link('image') })),
  kind(['latent'], (link) => node('VAEEncode', { pixels: link('image') })),
  kind(['none'], (link) => node('SaveImage', { images: link('image'), filename_prefix: 'mine' })),
  kind(['none'], (link) => node('PreviewImage', { images: link('image') })),
  kind(['none'], (link) =>
    node('SaveAudioMP3', { audio: link('audio'), filename_prefix: 'song', quality: 'V0' }),
  ),
  kind(['image', 'audio'], (link, n) =>
    node('DistributedCollector', { images: link('image'), ...(n % 4 === 0 ? {} : { audio: link('audio') }) }),
  ),
  kind(['image', 'image', 'image'], (link, n) =>
    node('ImageBatchDivider', { images: link('image'), divide_by: 3 + (n % 4) }),
  ),
  kind(['audio', 'audio'], (link) => node('AudioBatchDivider', { audio: link('audio'), divide_by: 2 })),
  kind(['text'], (_, n) =>
    node('DistributedValue', {
      default_value: String(n),
      worker_values: { '1': n % 9 === 0 ? 'x' : '5', _type: 'INT' },
    }),
  ),
  kind(['text'], (link, n) => node('DistributedModelName', { text: n % 2 ? 'model' : link('text') })),
  kind(['image'], () => node('DistributedEmptyImage', { width: 8, height: 8 })),
  kind(['number'], (_, n) => node('PrimitiveInt', { value: n })),
];

interface Draw {
  readonly kind: number;
  readonly number: number;
  readonly links: readonly number[];
  /** Links to any node rather than to an earlier one that fits: circles and all kinds of nonsense. */
  readonly wild: boolean;
}

const draws: fc.Arbitrary<readonly Draw[]> = fc.array(
  fc.record({
    kind: fc.nat(KINDS.length - 1),
    number: fc.nat(40),
    links: fc.tuple(fc.nat(100), fc.nat(100)),
    wild: fc.integer({ min: 0, max: 60 }).map((n) => n === 0),
  }),
  { minLength: 1, maxLength: IDS.length - BASE.length },
);

function build(drawn: readonly Draw[], ids: readonly string[]): ApiPrompt {
  const given: (readonly [Type, string, number])[] = [];
  const base = BASE.map((_, at) => ({ kind: at, number: 4, links: [0, 0], wild: false }));
  const entries = [...base, ...drawn].map(({ kind: at, number, links, wild }, index) => {
    const id = ids[index] ?? `x${index}`;
    let used = 0;
    const link: Link = (type) => {
      const pick = links[used] ?? 0;
      used += 1;
      const fitting = given.filter(([gives]) => gives === type);
      const [, source, output] = fitting[pick % Math.max(1, fitting.length)] ?? [type, ids[0] ?? '1', 0];
      return wild ? [ids[pick % ids.length] ?? '1', pick % 3] : [source, output];
    };
    const made = KINDS[at]?.make(link, number) ?? node('X');
    for (const [output, type] of (KINDS[at]?.gives ?? []).entries()) given.push([type, id, output]);
    return [id, made] as const;
  });
  return Object.fromEntries(entries);
}

const requests: fc.Arbitrary<CompileRequest> = fc
  .record({
    drawn: draws,
    ids: fc.shuffledSubarray(IDS, { minLength: IDS.length }),
    count: fc.integer({ min: 1, max: 4 }),
    copies: fc.option(fc.integer({ min: 1, max: 6 }), { nil: null }),
    splitBatch: fc.boolean(),
  })
  .map(({ drawn, ids, count, copies, splitBatch }) => ({
    pictures: {},
    prompt: build(drawn, ids),
    participants: participants(count),
    copies,
    splitBatch,
  }));

function tryCompile(request: CompileRequest): Plan | EnsembleError {
  try {
    return compile(request, EMPTY_CATALOG);
  } catch (error) {
    if (error instanceof EnsembleError && error.code === 'bad-argument') return error;
    throw error;
  }
}

const ids = (outputs: readonly ShardOutput[]): readonly string[] => outputs.map(({ nodeId }) => nodeId);
const HELPERS = /^Distributed|BatchDivider$/;
const RUNS = { numRuns: 400 };

function forPlans(check: (plan: Plan, request: CompileRequest) => void): void {
  let compiled = 0;
  fc.assert(
    fc.property(requests, (request) => {
      const plan = tryCompile(request);
      if (plan instanceof EnsembleError) return;
      compiled += 1;
      check(plan, request);
    }),
    RUNS,
  );
  expect(compiled).toBeGreaterThan(RUNS.numRuns / 5);
}

describe('every graph', { timeout: 60_000 }, () => {
  it('compiles to closed, acyclic, minimal prompts of core nodes, or is refused in words', () => {
    forPlans((plan) => {
      for (const { index } of plan.shards) {
        const prompt = shardPrompt(plan, index);
        const outputs = shardOutputs(plan, index);
        expect(outputs.length).toBeGreaterThan(0);
        expectSound(prompt, ids(outputs));
        expect(Object.values(prompt).filter(({ class_type }) => HELPERS.test(class_type))).toEqual([]);
        expect(workflowKey(prompt).units).toBeGreaterThan(0);
      }
      if (plan.secondStage === null) return;
      const { prompt, outputs, gathers } = plan.secondStage;
      expectSound(
        prompt,
        ids(outputs),
        gathers.map(({ collector }) => collector),
      );
    });
  });

  it('keeps the nodes of the user under their ids', () => {
    forPlans((plan, { prompt }) => {
      const all = plan.shards.map(({ index }) => shardPrompt(plan, index));
      for (const made of [...all, plan.secondStage?.prompt ?? {}]) {
        for (const [id, { class_type }] of Object.entries(made)) {
          const before = Object.hasOwn(prompt, id) ? prompt[id]?.class_type : undefined;
          if (before !== undefined && before !== 'DistributedEmptyImage') expect(class_type).toBe(before);
        }
      }
    });
  });

  it('makes every result once, and gathers what the second stage needs', () => {
    forPlans((plan, { prompt }) => {
      const first = shardOutputs(plan, 0);
      const made = [...first, ...(plan.secondStage?.outputs ?? [])].flatMap(({ results }) => results);
      const names = made.map(({ nodeId }) => nodeId);
      expect(new Set(names).size).toBe(names.length);
      const savers = Object.keys(prompt).filter((id) =>
        /^(?:Save|Preview)/.test(prompt[id]?.class_type ?? ''),
      );
      expect(savers.filter((id) => !names.includes(id))).toEqual([]);
      const gathered = first.flatMap(({ gathers }) => gathers);
      expect(gathered).toEqual(expect.arrayContaining([...(plan.secondStage?.gathers ?? [])]));
      expect(gathered).toHaveLength(plan.secondStage?.gathers.length ?? 0);
    });
  });

  it('compiles alike twice, and in any order of its nodes', () => {
    forPlans((plan, request) => {
      expect(compile(request, EMPTY_CATALOG)).toEqual(plan);
      const turned = Object.fromEntries(Object.entries(request.prompt).reverse());
      const again = compile({ ...request, prompt: turned }, EMPTY_CATALOG);
      expect(text(again)).toBe(text(plan));
    });
  });

  it('has slices that make up the batch', () => {
    forPlans((plan) => {
      if (plan.kind !== 'batch-split') return;
      let next = 0;
      for (const { slice } of plan.shards) {
        expect(slice?.first).toBe(next);
        next += slice?.count ?? 0;
      }
      expect(next).toBeGreaterThan(1);
    });
  });

  it('has a second stage that compiles too, or is refused in words', () => {
    forPlans((plan) => {
      const { secondStage: stage } = plan;
      if (stage === null) return;
      const gathered = stage.gathers.map((gather) => ({
        ...gather,
        files: [
          { name: 'a', frames: 3, seconds: 2 },
          { name: 'b', frames: 4, seconds: 3 },
        ],
      }));
      try {
        const { prompt, outputs } = compileSecondStage(stage, gathered);
        expectSound(prompt, ids(outputs));
        expect(Object.values(prompt).filter(({ class_type }) => HELPERS.test(class_type))).toEqual([]);
      } catch (error) {
        if (!(error instanceof EnsembleError && error.code === 'bad-argument')) throw error;
      }
    });
  });
});

function text(plan: Plan): string {
  return JSON.stringify(plan, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
}
