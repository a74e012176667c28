import { instanceSnapshot } from '../../support/fixtures.ts';

/** /object_info with the loaders of these tests, their lists as a server has them. */
export function objectInfo(lists: {
  readonly checkpoints?: readonly string[];
  readonly loras?: readonly string[];
  readonly odd?: readonly string[];
  readonly without?: readonly string[];
}): Readonly<Record<string, unknown>> {
  const one = (required: Readonly<Record<string, unknown>>, output: readonly string[], save = false) => ({
    input: { required },
    output,
    output_node: save,
  });
  const all = {
    CheckpointLoaderSimple: one({ ckpt_name: [lists.checkpoints ?? []] }, ['MODEL', 'CLIP', 'VAE']),
    LoraLoaderModelOnly: one({ model: ['MODEL'], lora_name: ['COMBO', { options: lists.loras ?? [] }] }, [
      'MODEL',
    ]),
    OddLoader: one({ which: [lists.odd ?? []] }, ['MODEL']),
    Sampler: one({ model: ['MODEL'], path: ['STRING', {}] }, ['IMAGE']),
    SaveImage: one({ images: ['IMAGE'], filename_prefix: ['STRING', {}] }, [], true),
  };
  const kept = Object.entries(all).filter(([name]) => !lists.without?.includes(name));
  return Object.fromEntries(kept);
}

export const API_WORKFLOW = {
  '1': {
    class_type: 'CheckpointLoaderSimple',
    inputs: { ckpt_name: 'base.safetensors' },
    _meta: { title: 'The model' },
  },
  '2': {
    class_type: 'LoraLoaderModelOnly',
    inputs: { model: ['1', 0], lora_name: 'style\\ink.safetensors' },
  },
  '3': { class_type: 'Sampler', inputs: { model: ['2', 0], path: '' } },
  '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'a' } },
};

/** The same as the page saves it, its loader inside a subgraph, with what the page knows about its models. */
export function uiWorkflow(change: { readonly models?: unknown; readonly oddClass?: string } = {}): unknown {
  const inner = {
    id: 'sub-1',
    name: 'Loader',
    inputs: [],
    outputs: [{ name: 'MODEL', type: 'MODEL', linkIds: [1] }],
    nodes: [
      {
        ...{ id: 1, type: 'CheckpointLoaderSimple', mode: 0, inputs: [] },
        outputs: [{ name: 'MODEL', type: 'MODEL', links: [1] }],
        widgets_values: ['base.safetensors'],
        properties: {
          models: [
            { name: 'base.safetensors', url: 'https://models.example/base', directory: 'checkpoints' },
            { name: 'older.safetensors', url: 'https://models.example/older', directory: 'checkpoints' },
          ],
        },
      },
    ],
    links: [{ id: 1, origin_id: 1, origin_slot: 0, target_id: -20, target_slot: 0, type: 'MODEL' }],
  };
  return {
    nodes: [
      {
        ...{ id: 10, type: 'sub-1', mode: 0, inputs: [], properties: {} },
        outputs: [{ name: 'MODEL', type: 'MODEL', links: [2] }],
      },
      {
        ...{ id: 11, type: change.oddClass ?? 'LoraLoaderModelOnly', mode: 0, properties: {} },
        inputs: [{ name: 'model', type: 'MODEL', link: 2 }],
        outputs: [{ name: 'MODEL', type: 'MODEL', links: [3] }],
        widgets_values: ['ink.safetensors'],
      },
      {
        ...{ id: 12, type: 'Sampler', mode: 0, properties: {} },
        inputs: [{ name: 'model', type: 'MODEL', link: 3 }],
        outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [4] }],
        widgets_values: ['special.gguf'],
      },
      {
        ...{ id: 13, type: 'SaveImage', mode: 0, properties: {}, outputs: [], widgets_values: ['a'] },
        inputs: [{ name: 'images', type: 'IMAGE', link: 4 }],
      },
      {
        ...{ id: 14, type: 'CheckpointLoaderSimple', mode: 4, inputs: [], outputs: [] },
        widgets_values: ['muted.safetensors'],
        properties: {},
      },
    ],
    links: [
      [2, 10, 0, 11, 0, 'MODEL'],
      [3, 11, 0, 12, 0, 'MODEL'],
      [4, 12, 0, 13, 0, 'IMAGE'],
    ],
    definitions: { subgraphs: [inner] },
    models: change.models ?? [
      { name: 'special.gguf', url: 'ftp://models.example/special.gguf', directory: 'unet' },
      { name: 'forgotten.safetensors', url: 'https://models.example/f', directory: 'vae' },
    ],
  };
}

export const MASTER = instanceSnapshot({ id: 'master', name: 'Master', role: 'master' });
export const WORKER = instanceSnapshot({ id: 'w1', name: 'Worker 1' });
export const STOPPED = instanceSnapshot({
  ...{ id: 'w2', name: 'Worker 2' },
  process: { status: 'stopped', since: 0 },
  link: { status: 'unknown' },
});
