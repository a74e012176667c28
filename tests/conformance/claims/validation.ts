import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { at } from '../client.ts';
import type { Subject } from '../subject.ts';
import { emptyImage, fresh, node, plain } from '../workflows.ts';

const saved = (images: unknown) => node('SaveImage', { images, filename_prefix: 'x' });

/** What POST /prompt accepts, and the shape of every refusal. */
export function validationClaims(subject: () => Subject): void {
  it('accepts a prompt and says its number', async () => {
    const promptId = randomUUID();
    const { status, json } = await subject().post(plain(), { prompt_id: promptId });
    expect(status).toBe(200);
    expect(json).toEqual({ prompt_id: promptId, number: expect.any(Number), node_errors: {} });
    await subject().history(promptId);
  });

  it('mints a lowercase UUID when there is none', async () => {
    const { json } = await subject().post(plain());
    expect(at(json, 'prompt_id')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('takes any prompt_id until 0.33, which wants a canonical UUID', async () => {
    for (const promptId of ['mine', randomUUID().toUpperCase()]) {
      const { status, json } = await subject().post(plain(), { prompt_id: promptId });
      if (!subject().modern)
        expect({ status, id: at(json, 'prompt_id') }).toEqual({ status: 200, id: promptId });
      else
        expect({ status, type: at(json, 'error', 'type') }).toEqual({
          status: 400,
          type: 'invalid_prompt_id',
        });
    }
  });

  it('answers malformed JSON with a bare 500', async () => {
    const { status, headers } = await subject().call('/prompt', { text: '{bad' });
    expect(status).toBe(500);
    expect(headers['content-type']).toContain('text/plain');
  });

  it('refuses a request without a prompt', async () => {
    const { status, json } = await subject().call('/prompt', { json: {} });
    expect(status).toBe(400);
    expect(json).toEqual({
      error: { type: 'no_prompt', message: expect.any(String), details: expect.any(String), extra_info: {} },
      node_errors: {},
    });
  });

  it('refuses a prompt without outputs', async () => {
    const { status, json } = await subject().post({ '1': emptyImage(1) });
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: { type: 'prompt_no_outputs' }, node_errors: {} });
  });

  it('refuses an unknown class anywhere', async () => {
    const { status, json } = await subject().post({ ...plain(), '9': node('NoSuchClass', {}) });
    expect(status).toBe(400);
    if (!subject().modern) expect(at(json, 'error', 'type')).toBe('invalid_prompt');
    else {
      expect(at(json, 'error')).toMatchObject({
        type: 'missing_node_type',
        extra_info: { node_id: '9', class_type: 'NoSuchClass', node_title: expect.any(String) },
      });
    }
  });

  const image = { width: 24, height: 16, batch_size: 1, color: 1 };
  const { color: _, ...colourless } = image;
  it.each([
    ['value_bigger_than_max', { ...image, batch_size: 99_999 }, 'batch_size'],
    ['value_smaller_than_min', { ...image, width: 0 }, 'width'],
    ['invalid_input_type', { ...image, height: 'tall' }, 'height'],
    ['required_input_missing', colourless, 'color'],
    ['bad_linked_input', { ...image, color: ['1', 0, 0] }, 'color'],
  ])('names the input of %s', async (type, inputs, input) => {
    const prompt = { '1': node('EmptyImage', inputs), '2': saved(['1', 0]) };
    const { status, json } = await subject().post(prompt);
    expect(status).toBe(400);
    expect(json).toMatchObject({
      error: { type: 'prompt_outputs_failed_validation', message: expect.any(String), extra_info: {} },
      node_errors: {
        '1': {
          class_type: 'EmptyImage',
          dependent_outputs: ['2'],
          errors: [
            {
              type,
              message: expect.any(String),
              details: expect.any(String),
              extra_info: { input_name: input },
            },
          ],
        },
      },
    });
  });

  it('names a value that is not offered', async () => {
    const prompt = {
      '1': emptyImage(fresh()),
      '3': node('ImageScale', {
        image: ['1', 0],
        upscale_method: 'magic',
        width: 8,
        height: 8,
        crop: 'disabled',
      }),
      '2': saved(['3', 0]),
    };
    const { status, json } = await subject().post(prompt);
    expect(status).toBe(400);
    expect(at(json, 'node_errors', '3', 'errors', 0)).toMatchObject({
      type: 'value_not_in_list',
      extra_info: { input_name: 'upscale_method', received_value: 'magic' },
    });
  });

  it('names a link of the wrong type', async () => {
    const prompt = {
      '1': node('EmptyLatentImage', { width: 64, height: 64, batch_size: 1 }),
      '2': saved(['1', 0]),
    };
    const { status, json } = await subject().post(prompt);
    expect(status).toBe(400);
    expect(at(json, 'node_errors', '2', 'errors', 0)).toMatchObject({
      type: 'return_type_mismatch',
      extra_info: { input_name: 'images', received_type: 'LATENT', linked_node: ['1', 0] },
    });
  });

  it('names a file that LoadImage cannot find', async () => {
    const prompt = { '1': node('LoadImage', { image: 'nowhere.png' }), '2': saved(['1', 0]) };
    const { status, json } = await subject().post(prompt);
    expect(status).toBe(400);
    expect(at(json, 'node_errors', '1', 'errors', 0, 'type')).toBe('custom_validation_failed');
  });

  it('runs the good outputs of a prompt whose others are bad, with 200', async () => {
    const prompt = { ...plain(), '8': node('EmptyImage', { ...image, width: 0 }), '9': saved(['8', 0]) };
    const { status, json } = await subject().post(prompt);
    expect(status).toBe(200);
    expect(at(json, 'node_errors', '8', 'dependent_outputs')).toEqual(['9']);
    const { files, entry } = await subject().history(String(at(json, 'prompt_id')));
    expect(files).toHaveLength(1);
    expect(at(entry, 'status', 'status_str')).toBe('success');
  });

  it('runs only the outputs that were asked for', async () => {
    const prompt = { ...plain(), '8': emptyImage(fresh()), '9': saved(['8', 0]) };
    const { entry } = await subject().run(prompt, { partial_execution_targets: ['9'] });
    expect(Object.keys(Object(at(entry, 'outputs')))).toEqual(['9']);
  });
}
