import { describe, expect, it } from 'vitest';
import {
  convert,
  type Json,
  type LinkTuple,
  node,
  openLinks,
  subgraph,
  workflow,
} from './fixtures-ui/build.ts';

const SAMPLE = 'f1f0-sample';

/** A sampler whose seed and steps the node outside shows; the steps have no link inside when `linked` is false. */
function sampleSubgraph(linked = true): Json {
  return subgraph(
    SAMPLE,
    [
      node(3, 'KSampler', {
        inputs: [
          ['latent_image', 'LATENT', { link: 10 }],
          ['seed', 'INT', linked ? { link: 11, widget: true } : { widget: true }],
          ['steps', 'INT', linked ? { link: 12, widget: true } : { widget: true }],
        ],
        outputs: ['LATENT'],
        values: [1, 'fixed', 20, 8, 'euler', 'normal', 1],
      }),
    ],
    [
      [10, -10, 0, 3, 0],
      ...(linked
        ? ([
            [11, -10, 1, 3, 1],
            [12, -10, 2, 3, 2],
          ] as const)
        : []),
      [13, 3, 0, -20, 0],
    ],
    {
      inputs: linked
        ? [
            ['latent', 'LATENT'],
            ['seed', 'INT'],
            ['steps', 'INT'],
          ]
        : [['latent', 'LATENT']],
      outputs: [['LATENT', 'LATENT']],
    },
  );
}

const latent = node(1, 'EmptyLatentImage', { outputs: ['LATENT'], values: [64, 64, 1] });
const decode = node(9, 'VAEDecode', { inputs: [['samples', 'LATENT', { link: 2 }]], outputs: ['IMAGE'] });
const LINKS: readonly LinkTuple[] = [
  [1, 1, 0, 5, 0],
  [2, 5, 0, 9, 0],
];

function host(
  more: { mode?: number; values?: unknown; properties?: Json; id?: number; link?: number } = {},
): Json {
  return node(more.id ?? 5, SAMPLE, {
    ...(more.mode === undefined ? {} : { mode: more.mode }),
    ...(more.values === undefined ? {} : { values: more.values }),
    ...(more.properties === undefined ? {} : { properties: more.properties }),
    inputs: [
      ['latent', 'LATENT', { link: 1 }],
      ['seed', 'INT', { widget: true, ...(more.link === undefined ? {} : { link: more.link }) }],
      ['steps', 'INT', { widget: true }],
    ],
    outputs: ['LATENT'],
  });
}

describe('subgraphs', () => {
  it('are unfolded under the id of their node', () => {
    const prompt = convert(workflow([latent, host(), decode], LINKS, [sampleSubgraph()]));
    expect(Object.keys(prompt).toSorted()).toEqual(['1', '5:3', '9']);
    expect(prompt['5:3']?.inputs).toMatchObject({ latent_image: ['1', 0], seed: 1, steps: 20 });
    expect(prompt['9']?.inputs).toEqual({ samples: ['5:3', 0] });
  });

  it('have values of their own in each use', () => {
    const second = host({ id: 6, values: [300, 4] });
    const prompt = convert(workflow([latent, host({ values: [200, 3] }), second], LINKS, [sampleSubgraph()]));
    expect(prompt['5:3']?.inputs).toMatchObject({ seed: 200, steps: 3 });
    expect(prompt['6:3']?.inputs).toMatchObject({ seed: 300, steps: 4 });
  });

  it('take a value from outside before their own', () => {
    const seed = node(2, 'SeedList', { outputs: ['INT'], values: [7, 1] });
    const prompt = convert(
      workflow(
        [latent, seed, host({ link: 3, values: [200, 3] })],
        [...LINKS, [3, 2, 0, 5, 1]],
        [sampleSubgraph()],
      ),
    );
    expect(prompt['5:3']?.inputs).toMatchObject({ seed: ['2', 0], steps: 3 });
    const primitive = node(2, 'PrimitiveNode', { outputs: ['INT'], values: [77, 'fixed'] });
    const literal = convert(
      workflow([latent, primitive, host({ link: 3 })], [...LINKS, [3, 2, 0, 5, 1]], [sampleSubgraph()]),
    );
    expect(literal['5:3']?.inputs).toMatchObject({ seed: 77 });
  });

  it('show widgets in the order of proxyWidgets, linked or not', () => {
    const shown = {
      proxyWidgets: [
        ['3', 'steps'],
        ['3', 'control_after_generate'],
        ['-1', 'seed'],
      ],
    };
    const linked = workflow([latent, host({ properties: shown, values: [5, 'fixed', 900] })], LINKS, [
      sampleSubgraph(),
    ]);
    expect(convert(linked)['5:3']?.inputs).toMatchObject({ steps: 5, seed: 900 });
    expect(convert(linked)['5:3']?.inputs).not.toHaveProperty('control_after_generate');
    const unlinked = {
      proxyWidgets: [
        ['3', '3: steps'],
        ['3', 'seed'],
      ],
    };
    const ui = workflow([latent, host({ properties: unlinked, values: [6, null] })], LINKS, [
      sampleSubgraph(false),
    ]);
    const inputs = convert(ui)['5:3']?.inputs;
    expect(inputs).toMatchObject({ steps: 6, seed: 1 });
    expect(inputs).not.toHaveProperty('control_after_generate');
  });

  it('keep values that a newer page could not place', () => {
    const kept = {
      proxyWidgetErrorQuarantine: [{ originalEntry: ['-1', 'steps'], hostValue: 41, reason: 'x' }],
    };
    const prompt = convert(
      workflow([latent, host({ properties: kept, values: [8] })], LINKS, [sampleSubgraph()]),
    );
    expect(prompt['5:3']?.inputs).toMatchObject({ seed: 8, steps: 41 });
  });

  it('may be inside others, with values from the outermost', () => {
    const inner = node(4, SAMPLE, {
      inputs: [
        ['latent', 'LATENT', { link: 20 }],
        ['seed', 'INT', { link: 21, widget: true }],
        ['steps', 'INT', { widget: true }],
      ],
      outputs: ['LATENT'],
      values: [50, 9],
    });
    const outer = subgraph(
      'outer',
      [inner],
      [
        [20, -10, 0, 4, 0],
        [21, -10, 1, 4, 1],
        [22, 4, 0, -20, 0],
      ],
      {
        inputs: [
          ['latent', 'LATENT'],
          ['seed', 'INT'],
        ],
        outputs: [['LATENT', 'LATENT']],
      },
    );
    const around = (values: unknown, properties: Json = {}): Json =>
      node(5, 'outer', {
        inputs: [
          ['latent', 'LATENT', { link: 1 }],
          ['seed', 'INT', { widget: true }],
        ],
        outputs: ['LATENT'],
        ...{ values, properties },
      });
    const prompt = convert(workflow([latent, around([60]), decode], LINKS, [outer, sampleSubgraph()]));
    expect(prompt['5:4:3']?.inputs).toMatchObject({ latent_image: ['1', 0], seed: 60, steps: 9 });
    expect(prompt['9']?.inputs).toEqual({ samples: ['5:4:3', 0] });
    const shown = around([70, 2], {
      proxyWidgets: [
        ['4', 'seed'],
        ['4', 'steps'],
      ],
    });
    const deep = convert(workflow([latent, shown, decode], LINKS, [outer, sampleSubgraph()]));
    expect(deep['5:4:3']?.inputs).toMatchObject({ seed: 70, steps: 2 });
  });

  it('pass straight through what only passes through', () => {
    const pass = subgraph('pass', [], [[10, -10, 0, -20, 0]], {
      inputs: [['latent', 'LATENT']],
      outputs: [['LATENT', 'LATENT']],
    });
    const through = node(5, 'pass', { inputs: [['latent', 'LATENT', { link: 1 }]], outputs: ['LATENT'] });
    const prompt = convert(workflow([latent, through, decode], LINKS, [pass]));
    expect(prompt['9']?.inputs).toEqual({ samples: ['1', 0] });
  });

  it('go with their node when it is muted or bypassed', () => {
    const muted = convert(workflow([latent, host({ mode: 2 }), decode], LINKS, [sampleSubgraph()]));
    expect(Object.keys(muted)).toEqual(['1', '9']);
    expect(muted['9']?.inputs).toEqual({});
    const bypassed = convert(workflow([latent, host({ mode: 4 }), decode], LINKS, [sampleSubgraph()]));
    expect(bypassed['9']?.inputs).toEqual({ samples: ['1', 0] });
  });

  it('are found where they are defined inside another definition', () => {
    const outer = {
      ...subgraph('outer', [latent, host()], LINKS, {}),
      definitions: { subgraphs: [sampleSubgraph()] },
    };
    const prompt = convert(workflow([node(8, 'outer')], [], [outer]));
    expect(Object.keys(prompt)).toEqual(['8:1', '8:5:3']);
    expect(openLinks(prompt)).toEqual([]);
  });

  it('that contain themselves, or too many nodes, are refused', () => {
    const endless = subgraph('endless', [node(1, 'endless')], [], {});
    expect(() => convert(workflow([node(1, 'endless')], [], [endless]))).toThrow(
      'The subgraph "endless" contains itself.',
    );
    const levels = Array.from({ length: 20 }, (_, index) =>
      subgraph(`level${index}`, [node(1, `level${index + 1}`), node(2, `level${index + 1}`), latent], [], {}),
    );
    expect(() => convert(workflow([node(1, 'level0')], [], levels))).toThrow(/more than|no definition/);
  });
});
