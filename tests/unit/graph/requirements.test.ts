import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import type { ApiNode, ApiPrompt } from '../../../electron/core/comfy/prompt.ts';
import { EMPTY_CATALOG, readCatalog } from '../../../electron/core/graph/catalog.ts';
import {
  convertSeparators,
  describeMissing,
  type Missing,
  missingOn,
  modelsOf,
} from '../../../electron/core/graph/requirements.ts';
import { CATALOG, OBJECT_INFO } from './fixtures-ui/catalog.ts';

const one = (className: string, inputs: Readonly<Record<string, unknown>>): ApiPrompt => ({
  '1': { class_type: className, inputs },
});

describe('missingOn', () => {
  it('finds nothing where everything is there', () => {
    const sampler = { sampler_name: 'euler', scheduler: 'karras', model: ['2', 0], seed: 5 };
    expect(missingOn(one('KSampler', sampler), CATALOG)).toEqual([]);
  });

  it('names classes, models and other choices, each with what is nearest', () => {
    const prompt: ApiPrompt = {
      '1': { class_type: 'Unheard', inputs: {} },
      '2': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dreams.safetensors' } },
      '3': { class_type: 'KSampler', inputs: { sampler_name: 'euler_x', scheduler: 3 } },
      '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'base.safetensors' } },
    };
    expect(missingOn(prompt, CATALOG)).toEqual([
      { kind: 'node', nodeId: '1', className: 'Unheard' },
      {
        ...{ kind: 'model', nodeId: '2', className: 'CheckpointLoaderSimple', input: 'ckpt_name' },
        ...{ value: 'dreams.safetensors', nearest: 'dream.safetensors' },
      },
      {
        ...{ kind: 'option', nodeId: '3', className: 'KSampler', input: 'sampler_name' },
        ...{ value: 'euler_x', nearest: 'euler' },
      },
      { kind: 'option', nodeId: '3', className: 'KSampler', input: 'scheduler', value: 3, nearest: null },
      {
        ...{ kind: 'model', nodeId: '4', className: 'CheckpointLoaderSimple', input: 'ckpt_name' },
        ...{ value: 'base.safetensors', nearest: 'SDXL/base.safetensors' },
      },
    ]);
  });

  it('takes either path separator', () => {
    expect(missingOn(one('LoraLoader', { lora_name: 'style/ink.safetensors' }), CATALOG)).toEqual([]);
    expect(
      missingOn(one('CheckpointLoaderSimple', { ckpt_name: 'SDXL\\base.safetensors' }), CATALOG),
    ).toEqual([]);
  });

  it('leaves to the nodes what they check themselves, and what is uploaded or listed elsewhere', () => {
    expect(missingOn(one('LoadImage', { image: 'mine.png' }), CATALOG)).toEqual([]);
    expect(missingOn(one('LoadClip', { clip: 'mine.mp4' }), CATALOG)).toEqual([]);
    expect(missingOn(one('LoadLatent', { latent: 'mine.latent' }), CATALOG)).toEqual([]);
    expect(missingOn(one('RemoteImage', { image: 'mine.png' }), CATALOG)).toEqual([]);
    expect(missingOn(one('CustomCombo', { choice: 'Own' }), CATALOG)).toEqual([]);
  });

  it('looks into the chosen option of a dynamic combo', () => {
    const good = { method: 'size', 'method.crop': 'center', filter: 'area' };
    expect(missingOn(one('Resize', good), CATALOG)).toEqual([]);
    expect(missingOn(one('Resize', { ...good, 'method.crop': 'left' }), CATALOG)).toMatchObject([
      { input: 'method.crop' },
    ]);
    expect(missingOn(one('Resize', { ...good, method: 'guess' }), CATALOG)).toMatchObject([
      { input: 'method' },
    ]);
    expect(missingOn(one('Resize', { ...good, method: 'factor', 'method.crop': 'left' }), CATALOG)).toEqual(
      [],
    );
  });

  it('skips links and lists', () => {
    const inputs = { sampler_name: ['2', 0], scheduler: { __value__: ['x'] } };
    expect(missingOn(one('KSampler', inputs), CATALOG)).toEqual([]);
  });

  it('checks 5,000 nodes in a moment, also against lists of thousands', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `folder\\model-${index}.safetensors`);
    const catalog = readCatalog({
      ...OBJECT_INFO,
      LoraLoader: { input: { required: { lora_name: [names] } }, output: [] },
    });
    const nodes = Array.from({ length: 5000 }, (_, index): [string, ApiNode] => [
      String(index),
      index % 2 === 0
        ? { class_type: 'LoraLoader', inputs: { lora_name: `folder/model-${index % 3000}.safetensors` } }
        : { class_type: 'KSampler', inputs: { sampler_name: 'euler', scheduler: 'normal', seed: index } },
    ]);
    const prompt = Object.fromEntries(nodes);
    const took = Array.from({ length: 5 }, () => {
      const started = performance.now();
      expect(missingOn(prompt, catalog)).toEqual([]);
      return performance.now() - started;
    });
    // A few ms on a free machine; the limit only has to tell it from reading 3,000 names 2,500 times.
    expect(Math.min(...took)).toBeLessThan(100);
  });
});

describe('describeMissing', () => {
  const model = (value: string): Missing => ({
    ...{ kind: 'model', nodeId: '1', className: 'A', input: 'ckpt_name', value, nearest: null },
  });
  const nodes = (...names: readonly string[]): readonly Missing[] =>
    names.map((className, index) => ({ kind: 'node', nodeId: String(index), className }));

  it('is one sentence for people', () => {
    expect(describeMissing([])).toBe('');
    expect(describeMissing([model('dream.safetensors')])).toBe('Has no model dream.safetensors');
    expect(describeMissing([model('a.pt'), model('b.pt'), model('a.pt')])).toBe(
      'Has no models a.pt and b.pt',
    );
    expect(describeMissing(nodes('A'))).toBe('Lacks the node A');
    expect(describeMissing(nodes('A', 'B', 'A', 'C', 'D', 'E'))).toBe('Lacks the nodes A, B and 3 more');
    expect(describeMissing([...nodes('A'), model('b.pt')])).toBe('Lacks the node A, and has no model b.pt');
    const option: Missing = {
      kind: 'option',
      nodeId: '1',
      className: 'K',
      input: 'sampler_name',
      value: 'x',
      nearest: null,
    };
    expect(describeMissing([option])).toBe('Does not offer x for sampler_name');
  });
});

describe('convertSeparators', () => {
  it('spells names as the server does and leaves everything else alone', () => {
    const prompt: ApiPrompt = {
      '1': { class_type: 'LoraLoader', inputs: { lora_name: 'style/ink.safetensors', strength: 1 } },
      '2': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SDXL\\base.safetensors' } },
      '3': { class_type: 'CLIPTextEncode', inputs: { text: 'style/ink.safetensors' } },
      '4': { class_type: 'LoraLoader', inputs: { lora_name: 'unknown/ink.safetensors' } },
    };
    const before = structuredClone(prompt);
    expect(convertSeparators(prompt, CATALOG)).toEqual({
      ...prompt,
      '1': { class_type: 'LoraLoader', inputs: { lora_name: 'style\\ink.safetensors', strength: 1 } },
      '2': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'SDXL/base.safetensors' } },
    });
    expect(prompt).toEqual(before);
  });

  it('gives the same prompt back where nothing differs', () => {
    const prompt = one('LoraLoader', { lora_name: 'style\\ink.safetensors' });
    expect(convertSeparators(prompt, CATALOG)).toBe(prompt);
    expect(convertSeparators(prompt, EMPTY_CATALOG)).toBe(prompt);
  });
});

describe('modelsOf', () => {
  it('lists the model files that are named, offered or not', () => {
    const prompt: ApiPrompt = {
      '1': { class_type: 'LoraLoader', inputs: { lora_name: 'mine.safetensors', model: ['2', 0] } },
      '2': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dream.safetensors' } },
      '3': { class_type: 'KSampler', inputs: { sampler_name: 'euler' } },
    };
    expect(modelsOf(prompt, CATALOG)).toEqual([
      { nodeId: '1', className: 'LoraLoader', input: 'lora_name', value: 'mine.safetensors' },
      { nodeId: '2', className: 'CheckpointLoaderSimple', input: 'ckpt_name', value: 'dream.safetensors' },
    ]);
  });
});
