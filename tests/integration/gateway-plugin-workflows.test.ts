import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, at, type CallOptions, list, listen, until } from '../conformance/client.ts';
import type { RunningServer } from '../conformance/servers.ts';
import type { Prompt } from '../conformance/workflows.ts';
import { GatewayWorld } from '../support/gateway-world.ts';
import {
  audio,
  cutAudio,
  divided,
  empty,
  filesOf,
  IDS,
  named,
  startStock,
  textToImage,
  valued,
} from '../support/plugin-workflows.ts';

/** Workflows that were made for the ComfyUI-Distributed plugin, in front of stock servers. */

let servers: RunningServer[] = [];
let world: GatewayWorld;

beforeAll(async () => {
  servers = await startStock();
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));
afterEach(() => world.close());

async function open(count: number): Promise<void> {
  const members = servers.slice(0, count).map(({ url }, index) => ({ id: IDS[index] ?? '', url }));
  world = await GatewayWorld.open(members);
}

const ask = (where: string, options?: CallOptions): Promise<Answer> => world.ask(where, options);
const finished = (promptId: string): Promise<unknown> => world.finished(promptId);

describe.each([3, 1])('a workflow made for the plugin, on a fleet of %i', (size) => {
  beforeEach(() => open(size));

  it.each<[string, Prompt, Readonly<Record<string, number>>]>([
    ['text to image', textToImage(), { '7': size }],
    ['load balance', textToImage(true), { '7': 1 }],
    ['a batch cut into parts', divided(2), { '20': size, '21': size }],
    ['a value of its own for each', valued(), { '4': size }],
    ['the name of a model', named(), { '7': size }],
    ['an empty batch that nothing uses', empty(), { '4': size }],
  ])('runs: %s', async (_name, prompt, images) => {
    const answer = await ask('/prompt', { json: { prompt, client_id: 'page' } });
    expect(answer.json).toMatchObject({ node_errors: {} });
    const entry = await finished(String(at(answer.json, 'prompt_id')));
    expect(at(entry, 'status', 'status_str')).toBe('success');
    for (const [id, count] of Object.entries(images)) expect(filesOf(entry, id)).toBe(count);
  });

  it('runs with sound, gathered and cut', async () => {
    for (const prompt of [audio(), cutAudio()]) {
      const answer = await ask('/prompt', { json: { prompt } });
      const entry = await finished(String(at(answer.json, 'prompt_id')));
      expect(at(entry, 'status', 'status_str')).toBe('success');
      const outputs = Object.values(Object(at(entry, 'outputs')));
      expect(outputs.filter((output) => list(at(output, 'audio')).length > 0)).not.toHaveLength(0);
    }
  });

  it('shows what all have made in one message of the node that follows the collector', async () => {
    const listener = await listen(world.url, randomUUID());
    const json = { prompt: textToImage(), client_id: listener.clientId };
    const promptId = String(at((await ask('/prompt', { json })).json, 'prompt_id'));
    await until('the end', () => listener.about(promptId).includes('execution_success'));
    const told = listener.messages.filter(({ type }) => type === 'executed');
    expect(told.map(({ data }) => at(data, 'node'))).toEqual(['7']);
    expect(list(at(told[0]?.data, 'output', 'images'))).toHaveLength(size);
    await listener.close();
  });

  it('is described with a category, words for the node and for each input', async () => {
    const classes = ['Seed', 'Collector', 'Value', 'ModelName', 'EmptyImage'].map(
      (one) => `Distributed${one}`,
    );
    const all = [...classes, 'ImageBatchDivider', 'AudioBatchDivider', 'UltimateSDUpscaleDistributed'];
    const info = (await ask('/object_info')).json;
    for (const name of all) {
      expect(at(info, name, 'category')).toBe('Ensemble/distributed');
      expect(at(info, name, 'description')).toMatch(/\.$/);
      const inputs = {
        ...Object(at(info, name, 'input', 'required')),
        ...Object(at(info, name, 'input', 'optional')),
      };
      expect(Object.keys(inputs)).not.toHaveLength(0);
      for (const [input, spec] of Object.entries(inputs))
        expect(at(spec, 1, 'tooltip'), `${name}.${input}`).toMatch(/\.$/);
    }
  });
});
