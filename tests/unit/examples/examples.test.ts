import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLink, isRecord } from '../../../electron/simulator/graph/values.ts';
import { RunningServer } from '../simulator/running-server.ts';

const NAMES = readdirSync('examples').filter((name) => name.endsWith('.json'));
/** Compiled away before anything is sent. */
const DISTRIBUTED = /^Distributed|Distributed$/;
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(`examples/${name}`, 'utf8'));

let server: RunningServer;
beforeAll(async () => {
  server = await (await RunningServer.start()).ready();
});
afterAll(() => server.stop());

it('there are those that the guide speaks of', () => {
  expect([...NAMES].sort()).toEqual([
    'batch-split.json',
    'distributed-txt2img.json',
    'model-free.json',
    'tiled-upscale.json',
    'txt2img.json',
  ]);
});

describe.each(NAMES)('%s', (name) => {
  const nodes = Object.entries(read(name)).map(([id, node]) => {
    if (!isRecord(node) || !isRecord(node['inputs']) || !isRecord(node['_meta']))
      throw new Error(`node ${id}`);
    return { id, type: String(node['class_type']), title: node['_meta']['title'], inputs: node['inputs'] };
  });

  it('has a title for every node, and no link to nowhere', () => {
    const ids = nodes.map(({ id }) => id);
    for (const { title, inputs } of nodes) {
      expect(title).toMatch(/^[A-Z]/);
      for (const value of Object.values(inputs)) if (isLink(value)) expect(ids).toContain(value[0]);
    }
  });

  it('uses only classes and files that the demo fleet has', async () => {
    const prompt = Object.fromEntries(
      nodes.map(({ id, type, inputs }) => [
        id,
        { class_type: standIn(type), inputs: { ...inputs, ...extra(type, inputs) } },
      ]),
    );
    expect(await server.post('/prompt', { prompt })).toMatchObject({
      status: 200,
      body: { node_errors: {} },
    });
  });
});

/** A class of the same shape, so that the server checks everything else. */
function standIn(type: string): string {
  if (!DISTRIBUTED.test(type)) return type;
  return type === 'DistributedSeed' ? 'PrimitiveInt' : 'RepeatImageBatch';
}

function extra(type: string, inputs: Readonly<Record<string, unknown>>): object {
  if (type === 'DistributedSeed') return { value: inputs['seed'] };
  const image = inputs['images'] ?? inputs['upscaled_image'];
  return DISTRIBUTED.test(type) ? { image, amount: 1 } : {};
}
