import { describe, expect, it } from 'vitest';
import { EnsembleError } from '../../../shared/errors.ts';
import { convert, inputsOf, type Json, node, read, workflow } from './fixtures-ui/build.ts';

const image = (id: number, mode = 0): Json =>
  node(id, 'LoadImage', { outputs: ['IMAGE', 'MASK'], values: ['a.png', 'image'], mode });

function refusal(ui: Json): EnsembleError {
  try {
    convert(ui);
  } catch (error) {
    if (error instanceof EnsembleError) return error;
  }
  throw new Error('was not refused');
}

describe('links', () => {
  it('lead through reroutes of either kind, and notes are left out', () => {
    const ui = workflow(
      [
        image(1),
        node(2, 'Reroute', { inputs: [['', '*', { link: 1 }]], outputs: ['IMAGE'] }),
        node(3, 'Reroute (rgthree)', { inputs: [['', '*', { link: 2 }]], outputs: ['*'] }),
        node(4, 'PreviewImage', { inputs: [['images', 'IMAGE', { link: 3 }]] }),
        node(5, 'Note', { values: ['hello'] }),
        node(6, 'MarkdownNote', { values: ['# hello'] }),
      ],
      [
        [1, 1, 0, 2, 0],
        [2, 2, 0, 3, 0],
        [3, 3, 0, 4, 0],
      ],
    );
    expect(Object.keys(convert(ui))).toEqual(['1', '4']);
    expect(inputsOf(ui, '4')).toEqual({ images: ['1', 0] });
  });

  it('may be objects, and name nodes by text', () => {
    const ui = {
      nodes: [
        { ...image(1), id: 'a' },
        { ...node(2, 'PreviewImage', { inputs: [['images', 'IMAGE', { link: 9 }]] }), id: 'b' },
      ],
      links: [{ id: 9, origin_id: 'a', origin_slot: 0, target_id: 'b', target_slot: 0, type: 'IMAGE' }],
    };
    expect(inputsOf(ui, 'b')).toEqual({ images: ['a', 0] });
  });

  it('in a circle of reroutes lead nowhere', () => {
    const ui = workflow(
      [
        node(2, 'Reroute', { inputs: [['', '*', { link: 2 }]], outputs: ['*'] }),
        node(3, 'Reroute', { inputs: [['', '*', { link: 1 }]], outputs: ['*'] }),
        node(4, 'PreviewImage', { inputs: [['images', 'IMAGE', { link: 3 }]] }),
      ],
      [
        [1, 2, 0, 3, 0],
        [2, 3, 0, 2, 0],
        [3, 3, 0, 4, 0],
      ],
    );
    expect(inputsOf(ui, '4')).toEqual({});
  });

  it('are told where their other end is gone', () => {
    const ui = workflow(
      [image(1, 2), node(4, 'PreviewImage', { title: 'Look', inputs: [['images', 'IMAGE', { link: 1 }]] })],
      [[1, 1, 0, 4, 0]],
    );
    const { prompt, warnings } = read(ui);
    expect(prompt).toEqual({ '4': { class_type: 'PreviewImage', inputs: {}, _meta: { title: 'Look' } } });
    expect(warnings).toEqual([
      '"Look" (PreviewImage, node 4) has nothing on its input images: what it is linked to is muted, bypassed or not connected itself.',
    ]);
  });

  it('to a primitive become its value, through a reroute too', () => {
    const sampler = (link: number): Json =>
      node(3, 'KSampler', { inputs: [['steps', 'INT', { link, widget: true }]], values: [1, 'fixed', 20] });
    const primitive = node(1, 'PrimitiveNode', { outputs: ['INT'], values: [33, 'fixed'] });
    expect(inputsOf(workflow([primitive, sampler(1)], [[1, 1, 0, 3, 0]]), '3')).toMatchObject({
      seed: 1,
      steps: 33,
    });
    const reroute = node(2, 'Reroute', { inputs: [['', '*', { link: 1 }]], outputs: ['INT'] });
    const through = workflow(
      [primitive, reroute, sampler(2)],
      [
        [1, 1, 0, 2, 0],
        [2, 2, 0, 3, 0],
      ],
    );
    expect(inputsOf(through, '3')).toMatchObject({ steps: 33 });
    expect(Object.keys(convert(through))).toEqual(['3']);
  });
});

describe('bypassed nodes', () => {
  const blend = (inputs: readonly (readonly [string, string, { link: number }?])[]): Json =>
    node(5, 'ImageBlend', { mode: 4, inputs, outputs: ['IMAGE', 'MASK'], values: [0.5] });
  const preview = node(6, 'PreviewImage', { inputs: [['images', 'IMAGE', { link: 6 }]] });

  it('pass on the input of the same slot', () => {
    const ui = workflow(
      [
        image(1),
        image(2),
        blend([
          ['image1', 'IMAGE', { link: 1 }],
          ['mask', 'MASK'],
          ['image2', 'IMAGE', { link: 2 }],
        ]),
        preview,
      ],
      [
        [1, 1, 0, 5, 0],
        [2, 2, 0, 5, 2],
        [6, 5, 0, 6, 0],
      ],
    );
    expect(inputsOf(ui, '6')).toEqual({ images: ['1', 0] });
    expect(Object.keys(convert(ui))).not.toContain('5');
  });

  it('prefer the input of the same slot to an earlier one of the same type', () => {
    const both = node(5, 'ImageBlend', {
      mode: 4,
      inputs: [
        ['image1', 'IMAGE', { link: 1 }],
        ['image2', 'IMAGE', { link: 2 }],
      ],
      outputs: ['IMAGE', 'IMAGE'],
    });
    const ui = workflow(
      [image(1), image(2), both, preview],
      [
        [1, 1, 0, 5, 0],
        [2, 2, 0, 5, 1],
        [6, 5, 1, 6, 0],
      ],
    );
    expect(inputsOf(ui, '6')).toEqual({ images: ['2', 0] });
  });

  it('pass on the first input of the same type where the slot does not fit', () => {
    const ui = workflow(
      [
        image(1),
        image(2),
        blend([
          ['mask', 'MASK', { link: 1 }],
          ['image1', 'IMAGE', { link: 2 }],
        ]),
        preview,
      ],
      [
        [1, 1, 1, 5, 0],
        [2, 2, 0, 5, 1],
        [6, 5, 0, 6, 0],
      ],
    );
    expect(inputsOf(ui, '6')).toEqual({ images: ['2', 0] });
  });

  it('pass on nothing where no type fits', () => {
    const ui = workflow(
      [
        image(1),
        node(5, 'VAEDecode', { mode: 4, inputs: [['samples', 'LATENT', { link: 1 }]], outputs: ['IMAGE'] }),
        preview,
      ],
      [
        [1, 1, 0, 5, 0],
        [6, 5, 0, 6, 0],
      ],
    );
    expect(inputsOf(ui, '6')).toEqual({});
  });

  it('need no definition', () => {
    const ui = workflow(
      [
        image(1),
        node(5, 'Unheard', { mode: 4, inputs: [['any', 'IMAGE', { link: 1 }]], outputs: ['IMAGE'] }),
        preview,
      ],
      [
        [1, 1, 0, 5, 0],
        [6, 5, 0, 6, 0],
      ],
    );
    expect(inputsOf(ui, '6')).toEqual({ images: ['1', 0] });
  });
});

describe('nodes that cannot be converted', () => {
  it('are all named in one message', () => {
    const { message, hint, code } = refusal(
      workflow([
        node(1, 'Unheard', { title: 'My node' }),
        node(2, 'GetNode', { title: 'GetNode' }),
        node(3, 'workflow>Old group'),
        node(4, 'Load3D', { values: ['none', ''] }),
        image(5),
      ]),
    );
    expect(code).toBe('bad-argument');
    expect(message).toBe(
      'These nodes cannot be converted: "My node" (Unheard, node 1): no definition of its class is known; ' +
        'GetNode (node 2): the ComfyUI page resolves it while it queues; ' +
        'workflow>Old group (node 3): it is an old group node; turn it into a subgraph in the ComfyUI page; ' +
        'Load3D (node 4): it needs the picture that the ComfyUI page takes of its 3D view.',
    );
    expect(hint).toMatch(/export it there in API format/);
  });

  it('are counted when there are very many', () => {
    const many = Array.from({ length: 50 }, (_, index) => node(index, `Unheard${index}`));
    expect(refusal(workflow(many)).message).toMatch(/Unheard19 .*; and 30 more\.$/);
  });

  it('do not matter while they are muted', () => {
    expect(Object.keys(convert(workflow([node(1, 'Unheard', { mode: 2 }), image(5)])))).toEqual(['5']);
  });

  it('leave nothing when all is muted', () => {
    expect(refusal(workflow([image(5, 2)])).message).toBe('The workflow has no node that would run.');
  });
});
