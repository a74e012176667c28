import { describe, expect, it } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import type { NodeCatalog } from '../../../electron/core/graph/catalog.ts';
import { applyOverrides } from '../../../electron/core/graph/overrides.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { CATALOG } from './fixtures-ui/catalog.ts';

const PROMPT: ApiPrompt = {
  '3': {
    class_type: 'KSampler',
    inputs: { seed: 1, steps: 20, cfg: 8, sampler_name: 'euler', model: ['4', 0] },
    _meta: { title: 'Base pass' },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dream.safetensors' } },
  '6': {
    class_type: 'CLIPTextEncode',
    inputs: { text: 'a cat', clip: ['4', 1] },
    _meta: { title: 'Prompt' },
  },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['4', 1] }, _meta: { title: 'Prompt' } },
  '8': { class_type: 'Crop', inputs: { image: ['3', 0], smooth: true } },
  '9': { class_type: 'Resize', inputs: { method: 'factor', 'method.by': 2, input: ['3', 0] } },
};

function set(node: string, input: string, value: string, catalog: NodeCatalog | null = CATALOG): unknown {
  const id = Object.hasOwn(PROMPT, node) ? node : '3';
  return applyOverrides(PROMPT, [{ node, input, value }], catalog)[id]?.inputs[input];
}

function refusal(
  node: string,
  input: string,
  value: string,
  catalog: NodeCatalog | null = CATALOG,
): EnsembleError {
  try {
    set(node, input, value, catalog);
  } catch (error) {
    if (error instanceof EnsembleError) return error;
  }
  throw new Error('was not refused');
}

describe('applyOverrides', () => {
  it('finds a node by its id, its title or its class', () => {
    expect(set('3', 'steps', '5')).toBe(5);
    expect(set('Base pass', 'steps', '6')).toBe(6);
    expect(set('KSampler', 'steps', '7')).toBe(7);
  });

  it('changes nothing else and not the prompt it was given', () => {
    const before = structuredClone(PROMPT);
    const after = applyOverrides(PROMPT, [{ node: '3', input: 'steps', value: '5' }], CATALOG);
    expect(PROMPT).toEqual(before);
    expect(after).toEqual({
      ...before,
      '3': { ...before['3'], inputs: { ...before['3']?.inputs, steps: 5 } },
    });
    expect(Object.keys(after)).toEqual(Object.keys(before));
    expect(applyOverrides(PROMPT, [], CATALOG)).toBe(PROMPT);
  });

  it('applies several in order', () => {
    const twice = [
      { node: '9', input: 'method', value: 'size' },
      { node: '9', input: 'method.width', value: '99' },
    ];
    expect(applyOverrides(PROMPT, twice, CATALOG)['9']?.inputs).toMatchObject({
      method: 'size',
      'method.width': 99,
    });
  });

  it.each([
    ['3', 'seed', '18446744073709551615', 2n ** 64n - 1n],
    ['3', 'seed', '42', 42],
    ['3', 'steps', '5.0', 5],
    ['3', 'steps', '"5"', 5],
    ['3', 'cfg', '7', 7],
    ['3', 'cfg', '6.5e0', 6.5],
    ['3', 'sampler_name', 'dpmpp_2m', 'dpmpp_2m'],
    ['3', 'sampler_name', '"dpmpp_2m"', 'dpmpp_2m'],
    ['3', 'sampler_name', 'elsewhere', 'elsewhere'],
    ['3', 'scheduler', 'karras', 'karras'],
    ['3', 'latent_image', '["4", 0]', ['4', 0]],
    ['6', 'text', '2024', '2024'],
    ['6', 'text', 'a dog', 'a dog'],
    ['6', 'text', '"quoted \\n"', 'quoted \n'],
    ['6', 'text', '', ''],
    ['8', 'smooth', 'false', false],
    ['8', 'smooth', 'Yes', true],
    ['8', 'smooth', '0', false],
    ['8', 'region', '{"x":1,"y":2,"width":3,"height":4}', { x: 1, y: 2, width: 3, height: 4 }],
  ])('%s.%s=%s is %o', (node, input, value, expected) => {
    expect(set(node, input, value)).toEqual(expected);
  });

  it('goes by what the workflow has where no definition is known', () => {
    expect(set('3', 'steps', '5', null)).toBe(5);
    expect(set('3', 'sampler_name', '5', null)).toBe('5');
    expect(set('6', 'text', 'plain', null)).toBe('plain');
    expect(set('3', 'model', 'x', null)).toBe('x');
  });

  it.each([
    ['3', 'steps', 'many', /^Base pass \(node 3\), input steps, takes a whole number, not "many"\.$/],
    ['3', 'steps', '5.5', /takes a whole number/],
    ['3', 'steps', '0', /takes no less than 1/],
    ['3', 'seed', '18446744073709551616', /takes no more than 18446744073709551615/],
    ['3', 'seed', '-1', /takes no less than 0/],
    ['3', 'cfg', 'NaN', /takes a number/],
    ['8', 'smooth', 'perhaps', /takes true or false/],
    ['3', 'model', 'dream', /takes a link \(MODEL\)/],
  ])('%s.%s=%s is refused', (node, input, value, message) => {
    const error = refusal(node, input, value);
    expect(error.code).toBe('bad-argument');
    expect(error.message).toMatch(message);
  });

  it('says what was probably meant', () => {
    expect(refusal('Base pas', 'steps', '1')).toMatchObject({
      message: 'The workflow has no node "Base pas".',
      hint: 'Did you mean "Base pass"?',
    });
    expect(refusal('3', 'step', '1')).toMatchObject({
      message: 'Base pass (node 3) has no input "step".',
      hint: 'Did you mean "steps"?',
    });
    expect(refusal('6', 'zzz', '1', null).hint).toBe('There are: text, clip.');
    expect(refusal('Prompt', 'text', 'x')).toMatchObject({
      message: '2 nodes are called "Prompt".',
      hint: 'Name one by its id: 6, 7.',
    });
    expect(refusal('9', 'method.width', '1').message).toBe('Resize (node 9) has no input "method.width".');
  });
});
