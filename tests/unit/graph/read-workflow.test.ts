import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExact, stringifyExact } from '../../../electron/core/exact-json.ts';
import { readWorkflow } from '../../../electron/core/graph/read-workflow.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { node, workflow } from './fixtures-ui/build.ts';
import { CATALOG } from './fixtures-ui/catalog.ts';

const PROMPT = {
  '3': {
    class_type: 'KSampler',
    inputs: { seed: 2n ** 64n - 1n, model: ['4', 0] },
    _meta: { title: 'Sample' },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dream.safetensors' } },
};
const API = stringifyExact(PROMPT);
const UI = workflow([node(4, 'CheckpointLoaderSimple', { values: ['dream.safetensors'] })]);

function refusal(text: string): EnsembleError {
  try {
    readWorkflow(text, CATALOG);
  } catch (error) {
    if (error instanceof EnsembleError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('API format', () => {
  it('is read with every digit, and without what is no part of a prompt', () => {
    const read = readWorkflow(API, null);
    expect(read).toEqual({ prompt: PROMPT, format: 'api', warnings: [], workflow: null });
    const noisy = { '3': { ...PROMPT['3'], is_changed: ['x'] } };
    expect(readWorkflow(stringifyExact(noisy), null).prompt['3']).toEqual(PROMPT['3']);
  });

  it('may be wrapped as it is posted, or as pictures keep it', () => {
    const ui = parseExact(stringifyExact(UI));
    const posted = { prompt: PROMPT, client_id: 'x', extra_data: { extra_pnginfo: { workflow: UI } } };
    expect(readWorkflow(stringifyExact(posted), null)).toMatchObject({
      prompt: PROMPT,
      format: 'api',
      workflow: ui,
    });
    const kept = { prompt: API, workflow: stringifyExact(UI) };
    expect(readWorkflow(stringifyExact(kept), null)).toMatchObject({ prompt: PROMPT, workflow: ui });
    expect(readWorkflow(stringifyExact({ prompt: PROMPT }), null).workflow).toBeNull();
  });

  it('may hold what Python writes for no number, and a byte order mark', () => {
    const text = `\uFEFF{"1":{"class_type":"A","inputs":{"x":NaN,"t":"NaN -Infinity \\" NaN"}}}`;
    expect(readWorkflow(text, null).prompt['1']?.inputs).toEqual({ x: null, t: 'NaN -Infinity " NaN' });
  });

  it('may name classes that no server has', () => {
    const text = '{"1":{"class_type":"Unheard","inputs":{}}}';
    expect(readWorkflow(text, CATALOG).prompt['1']?.class_type).toBe('Unheard');
  });
});

describe('UI format', () => {
  it('is converted and kept for the pictures', () => {
    const read = readWorkflow(stringifyExact(UI), CATALOG);
    expect(read.format).toBe('ui');
    expect(read.prompt['4']?.inputs).toEqual({ ckpt_name: 'dream.safetensors' });
    expect(read.workflow).toEqual(parseExact(stringifyExact(UI)));
    expect(readWorkflow(stringifyExact({ workflow: UI }), CATALOG).format).toBe('ui');
  });

  it('needs the definitions of a server', () => {
    expect(() => readWorkflow(stringifyExact(UI), null)).toThrow(
      /the node definitions of a running ComfyUI are needed/,
    );
  });
});

describe('what is no workflow', () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['nothing', '', /^The workflow is empty\.$/],
    ['white space', ' \n\t', /^The workflow is empty\.$/],
    ['no JSON', '{"3": {\n  "class_type": nope}', /is not JSON: line 2, column 17: /],
    ['an end too early', '{"3": {', /is not JSON: line 1, column 8: /],
    ['a list', '[1, 2]', /is a list, not an object of nodes/],
    ['a text', '"hello"', /is no JSON object/],
    ['no nodes', '{}', /has no nodes/],
    ['an empty wrapper', '{"prompt": {}}', /has no nodes/],
    ['no UI nodes', '{"nodes": [], "links": []}', /no node that would run/],
    ['a node that is none', '{"3": 5}', /^Node "3" is no object\.$/],
    ['no class', '{"3": {"inputs": {}}}', /^Node "3" has no class_type\.$/],
    ['a class that is no text', '{"3": {"class_type": 3, "inputs": {}}}', /^Node "3" has no class_type\.$/],
    ['no inputs', '{"3": {"class_type": "A"}}', /^The inputs of node "3" \(A\) are no object\.$/],
    [
      'inputs in a list',
      '{"3": {"class_type": "A", "inputs": []}}',
      /^The inputs of node "3" \(A\) are no object\.$/,
    ],
    ['an empty id', '{" ": {"class_type": "A", "inputs": {}}}', /has an empty id/],
    ['a broken prompt in a picture', '{"prompt": "{nope"}', /is not JSON: line 1, column 2/],
    ['brackets without end', '['.repeat(200_000), /is not JSON/],
  ];

  it.each(cases)('%s is refused in one message', (_, text, message) => {
    const error = refusal(text);
    expect(error.code).toBe('bad-argument');
    expect(error.message).toMatch(message);
  });

  it('a file of 200 MB is refused before it is read', { timeout: 60_000 }, () => {
    expect(refusal('{'.padEnd(200_000_000, ' ')).message).toMatch(/too large/);
  });

  it('never ends in anything but our own error', { timeout: 60_000 }, () => {
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, -10, -20, 0, 1, '', 'KSampler', 'Reroute', 'PrimitiveNode', 'a', '*'),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom(
            ...[
              'nodes',
              'links',
              'prompt',
              'workflow',
              'definitions',
              'subgraphs',
              'id',
              'type',
              'mode',
              'inputs',
            ],
            ...[
              'outputs',
              'link',
              'linkIds',
              'widgets_values',
              'properties',
              'proxyWidgets',
              'class_type',
              'name',
            ],
            ...['origin_id', 'origin_slot', 'target_id', 'target_slot', '__proto__', 'constructor', '1'],
          ),
          tie('value'),
          { maxKeys: 6 },
        ),
      ),
    })).value;
    const text = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(text, (garbage) => {
        try {
          readWorkflow(garbage, CATALOG);
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
          expect((error as EnsembleError).message).not.toMatch(/cannot be read/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never ends in anything but our own error inside page-like files either', { timeout: 60_000 }, () => {
    const id = fc.constantFrom<unknown>(-20, -10, 1, 2, 3, '4', null);
    const slot = fc.constantFrom<unknown>(0, 1, 2, -1, 'x');
    const input = fc.record({
      name: fc.constantFrom('images', 'seed', ''),
      type: fc.constantFrom<unknown>('*', 'IMAGE', 0, ['a']),
      link: id,
    });
    const uiNode = fc.record({
      ...{
        id,
        mode: fc.constantFrom(0, 2, 4, 7),
        properties: fc.constantFrom({}, { proxyWidgets: [[1], 2, ['2', 'seed']] }, null),
      },
      type: fc.constantFrom(
        'KSampler',
        'PreviewImage',
        'Reroute',
        'PrimitiveNode',
        'sub',
        'sub2',
        'Resize',
        'CustomCombo',
      ),
      inputs: fc.array(input, { maxLength: 3 }),
      outputs: fc.array(fc.record({ type: fc.constantFrom<unknown>('*', 'IMAGE', 1) }), { maxLength: 2 }),
      widgets_values: fc.constantFrom<unknown>([], [1, 2, 3, 4, 5, 6], { seed: 4 }, null, 'x'),
    });
    const link = fc.oneof(
      fc.tuple(id, id, slot, id, slot),
      fc.record({ id, origin_id: id, origin_slot: slot, target_id: id, target_slot: slot }),
    );
    const port = fc.record({
      name: fc.constantFrom('images', 'seed'),
      type: fc.constant('*'),
      linkIds: fc.array(id, { maxLength: 2 }),
    });
    const graph = { nodes: fc.array(uiNode, { maxLength: 5 }), links: fc.array(link, { maxLength: 6 }) };
    const sub = (name: string) =>
      fc.record({
        ...graph,
        id: fc.constant(name),
        inputs: fc.array(port, { maxLength: 2 }),
        outputs: fc.array(port, { maxLength: 2 }),
      });
    const file = fc.record({
      ...graph,
      definitions: fc.record({ subgraphs: fc.tuple(sub('sub'), sub('sub2')) }),
    });
    fc.assert(
      fc.property(file, (ui) => {
        try {
          readWorkflow(JSON.stringify(ui), CATALOG);
        } catch (error) {
          expect(error).toBeInstanceOf(EnsembleError);
          expect((error as EnsembleError).message).not.toMatch(/cannot be read/);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
