import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import {
  convert,
  type Json,
  type LinkTuple,
  node,
  openLinks,
  subgraph,
  workflow,
} from './fixtures-ui/build.ts';

/** One node of a random graph; `sources` choose among the nodes before it, so that there are no circles. */
interface Spot {
  readonly kind: 'image' | 'reroute' | 'blend' | 'preview';
  readonly mode: 0 | 2 | 4;
  readonly sources: readonly number[];
}

const SHAPES = {
  image: { type: 'LoadImage', inputs: [], outputs: ['IMAGE', 'MASK'] },
  reroute: { type: 'Reroute', inputs: [['', '*']], outputs: ['*'] },
  blend: {
    type: 'ImageBlend',
    inputs: [
      ['image1', 'IMAGE'],
      ['mask', 'MASK'],
      ['image2', 'IMAGE'],
    ],
    outputs: ['IMAGE', 'MASK'],
  },
  preview: { type: 'PreviewImage', inputs: [['images', 'IMAGE']], outputs: [] },
} as const;

const spot: fc.Arbitrary<Spot> = fc.record({
  kind: fc.constantFrom('image', 'reroute', 'blend', 'blend', 'preview'),
  mode: fc.constantFrom(0, 0, 0, 2, 4),
  sources: fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }),
});
const spots = fc.array(spot, { minLength: 1, maxLength: 25 });

interface Graph {
  readonly nodes: readonly Json[];
  readonly links: readonly LinkTuple[];
}

function build(list: readonly Spot[]): Graph {
  const links: LinkTuple[] = [];
  const nodes = list.map((one, index) => {
    const shape = SHAPES[one.kind];
    const inputs = shape.inputs.map(([name, type], slot) => {
      const source = (one.sources[slot] ?? 0) % (index + 1);
      const from = list[source];
      // One in so many inputs stays open, and so does what would be fed by itself or by a node without outputs.
      if (!from || source === index || SHAPES[from.kind].outputs.length === 0) return [name, type] as const;
      const link = links.length + 1;
      const output = type === 'MASK' && from.kind !== 'reroute' ? 1 : 0;
      links.push([link, source + 1, output, index + 1, slot]);
      return [name, type, { link }] as const;
    });
    return node(index + 1, shape.type, { mode: one.mode, inputs, outputs: shape.outputs, values: [] });
  });
  return { nodes, links };
}

function isAcyclic(prompt: ApiPrompt): boolean {
  const done = new Set<string>();
  const visit = (id: string, path: ReadonlySet<string>): boolean => {
    if (done.has(id)) return true;
    if (path.has(id)) return false;
    const next = new Set(path).add(id);
    const sources = Object.values(prompt[id]?.inputs ?? {}).filter(Array.isArray);
    const good = sources.every(([source]) => visit(String(source), next));
    done.add(id);
    return good;
  };
  return Object.keys(prompt).every((id) => visit(id, new Set()));
}

/** Nodes that must be in the prompt: those that run and are no reroutes. */
function running(list: readonly Spot[]): readonly string[] {
  return list.flatMap((one, index) => (one.mode === 0 && one.kind !== 'reroute' ? [String(index + 1)] : []));
}

describe('random workflows', { timeout: 60_000 }, () => {
  it('become closed prompts of just the nodes that run', () => {
    fc.assert(
      fc.property(spots, (list) => {
        fc.pre(running(list).length > 0);
        const { nodes, links } = build(list);
        const prompt = convert(workflow(nodes, links));
        expect(Object.keys(prompt).toSorted()).toEqual(running(list).toSorted());
        expect(openLinks(prompt)).toEqual([]);
        expect(isAcyclic(prompt)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('without muted or bypassed nodes keep every link', () => {
    fc.assert(
      fc.property(spots, (list) => {
        const plain = list.map((one) => ({
          ...one,
          mode: 0 as const,
          kind: one.kind === 'reroute' ? ('image' as const) : one.kind,
        }));
        const { nodes, links } = build(plain);
        const prompt = convert(workflow(nodes, links));
        const kept = Object.values(prompt).flatMap((one) => Object.values(one.inputs).filter(Array.isArray));
        expect(kept).toHaveLength(links.length);
      }),
    );
  });

  it('mean the same inside a subgraph', () => {
    fc.assert(
      fc.property(spots, (list) => {
        fc.pre(running(list).length > 0);
        const { nodes, links } = build(list);
        const outside = convert(workflow(nodes, links));
        const inside = convert(workflow([node(7, 'sub')], [], [subgraph('sub', nodes, links, {})]));
        const moved = Object.entries(outside).map(([id, one]) => [
          `7:${id}`,
          {
            ...one,
            inputs: Object.fromEntries(
              Object.entries(one.inputs).map(([name, value]) => [
                name,
                Array.isArray(value) ? [`7:${value[0]}`, value[1]] : value,
              ]),
            ),
          },
        ]);
        expect(inside).toEqual(Object.fromEntries(moved));
      }),
      { numRuns: 100 },
    );
  });

  it('of 5,000 nodes in one chain of reroutes are read at once', () => {
    const chain = Array.from({ length: 5000 }, (_, index) =>
      node(index + 2, 'Reroute', { inputs: [['', '*', { link: index + 1 }]], outputs: ['*'] }),
    );
    const links = Array.from(
      { length: 5001 },
      (_, index) => [index + 1, index + 1, 0, index + 2, 0] as const,
    );
    const first = node(1, 'LoadImage', { outputs: ['IMAGE'], values: ['a.png'] });
    const last = node(5002, 'PreviewImage', { inputs: [['images', 'IMAGE', { link: 5001 }]] });
    expect(convert(workflow([first, ...chain, last], links))['5002']?.inputs).toEqual({ images: ['1', 0] });
  });
});
