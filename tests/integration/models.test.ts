import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { BehaviourScript } from '../../electron/simulator/script.ts';
import type { ModelReport, ModelScript } from '../../shared/models.ts';
import { type RunningServer, type ServerKind, serverKinds, startServer } from '../conformance/servers.ts';
import { run } from '../unit/models/scripts.ts';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { type Host, runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';
import type { Workplace } from './support/workplace.ts';

/** Models as people meet them: a fleet of which one worker lacks some, the command line, and the script that brings them. */

const servers: RunningServer[] = [];
const sites: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  for (const site of sites.splice(0)) await new Promise((resolve) => site.close(resolve));
});

const BYTES = 'tensors!';
const LORA = 'golden_hour.safetensors';

function workflow(place: Workplace, url: string): string {
  const node = (
    id: number,
    type: string,
    values: readonly unknown[],
    links: readonly (readonly [string, string, number])[],
    outputs: readonly string[],
    models: readonly unknown[] = [],
  ) => ({
    ...{ id, type, mode: 0, widgets_values: values, properties: { models } },
    inputs: links.map(([name, kind, link]) => ({ name, type: kind, link })),
    outputs: outputs.map((kind) => ({ name: kind, type: kind, links: [] })),
  });
  const ui = {
    nodes: [
      node(1, 'CheckpointLoaderSimple', ['aurora_xl_v2.safetensors'], [], ['MODEL', 'CLIP', 'VAE']),
      node(
        2,
        'LoraLoaderModelOnly',
        [LORA, 1],
        [['model', 'MODEL', 1]],
        ['MODEL'],
        [{ name: LORA, url, directory: 'loras' }],
      ),
      node(3, 'EmptyLatentImage', [64, 64, 1], [], ['LATENT']),
      node(4, 'CLIPTextEncode', ['a cat'], [['clip', 'CLIP', 2]], ['CONDITIONING']),
      node(
        5,
        'KSampler',
        [7, 'fixed', 2, 8, 'euler', 'normal', 1],
        [
          ['model', 'MODEL', 3],
          ['positive', 'CONDITIONING', 4],
          ['negative', 'CONDITIONING', 5],
          ['latent_image', 'LATENT', 6],
        ],
        ['LATENT'],
      ),
      node(
        6,
        'VAEDecode',
        [],
        [
          ['samples', 'LATENT', 7],
          ['vae', 'VAE', 8],
        ],
        ['IMAGE'],
      ),
      node(7, 'SaveImage', ['a'], [['images', 'IMAGE', 9]], []),
    ],
    links: [
      [1, 1, 0, 2, 0, 'MODEL'],
      [2, 1, 1, 4, 0, 'CLIP'],
      [3, 2, 0, 5, 0, 'MODEL'],
      [4, 4, 0, 5, 1, 'CONDITIONING'],
      [5, 4, 0, 5, 2, 'CONDITIONING'],
      [6, 3, 0, 5, 3, 'LATENT'],
      [7, 5, 0, 6, 0, 'LATENT'],
      [8, 1, 2, 6, 1, 'VAE'],
      [9, 6, 0, 7, 0, 'IMAGE'],
    ],
  };
  const file = place.file('workflow.json');
  writeFileSync(file, JSON.stringify(ui));
  return file;
}

/** A server elsewhere that has other models than the fleet. */
async function elsewhere(host: Host, script: BehaviourScript): Promise<void> {
  const [first] = serverKinds();
  const kind: ServerKind = {
    ...(first as ServerKind),
    environment: { ENSEMBLE_SIM: JSON.stringify({ bootMs: 50, ...script }) },
  };
  const server = await startServer(kind);
  servers.push(server);
  const place = { host: '127.0.0.1', port: server.port, secure: false, path: '' };
  const draft = {
    type: 'remote',
    name: 'Attic',
    ...place,
    certificate: null,
    access: { kind: 'none' },
  } as const;
  const { id } = await host.invoke('remote.add', { draft });
  await until('the remote worker answers', async () => {
    const { instances } = await host.invoke('fleet.snapshot', {});
    return instances.some((one) => one.id === id && one.link.status === 'up') || null;
  });
}

async function site(): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/octet-stream');
    response.end(BYTES);
  });
  sites.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/golden.safetensors`;
}

describe('models of a workflow', () => {
  it('are found missing on a worker elsewhere, and its script brings them', async () => {
    const place = newPlace();
    await prepareDemo(place, 2);
    const host = await startHost(place, { args: ['--demo=2'], environment: QUICK });
    await host.allReady(2);
    const file = workflow(place, await site());
    expect((await runCli(place, ['models', file]).ended).code).toBe(0);

    const modelBytes = { 'aurora_xl_v2.safetensors': 4_000 };
    await elsewhere(host, { version: '0.3.64', loras: [], modelBytes });
    const told = await runCli(place, ['models', file, '--json']).ended;
    const report = JSON.parse(told.stdout) as ModelReport;
    expect(told.code).toBe(1);
    expect(report.instances.map(({ name, canRun }) => [name, canRun])).toEqual([
      ['Master', true],
      ['Worker 1', true],
      ['Attic', false],
    ]);
    const [checkpoint, lora] = report.models;
    expect(checkpoint).toMatchObject({ folder: 'checkpoints', sizesDiffer: true });
    expect(checkpoint?.on.at(-1)).toEqual({ status: 'there', bytes: 4_000 });
    expect(lora).toMatchObject({
      name: LORA,
      folder: 'loras',
      on: [{ status: 'there' }, { status: 'there' }, { status: 'missing' }],
    });

    // The demo's file is of another size, so that what comes must be refused first.
    const refused = await runCli(place, ['models', file, '--script', 'bash', '--worker', 'Attic']).ended;
    expect(refused.code).toBe(0);
    mkdirSync(place.file('ComfyUI', 'models'), { recursive: true });
    const script = place.file('get.sh');
    writeFileSync(script, refused.stdout);
    // A machine without comfy-cli: the real curl is used.
    const environment = { PATH: '/usr/bin:/bin' };
    const first = await run('bash', [script, place.file('ComfyUI')], environment);
    expect(first.code).toBe(1);
    expect(first.err).toContain(
      `models/loras/${LORA}: ${BYTES.length} bytes came, elsewhere in the fleet it has`,
    );
    writeFileSync(script, refused.stdout.replace(/(golden\.safetensors') \d+/, '$1 0'));
    expect(await run('bash', [script, place.file('ComfyUI')], environment)).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(place.file('ComfyUI'), 'models', 'loras', LORA), 'utf8')).toBe(BYTES);
    const again = await run('bash', [script, place.file('ComfyUI')], environment);
    expect([again.code, again.out]).toEqual([0, `There already: models/loras/${LORA}\n`]);
  });

  it('get an address once, for every workflow and every life of the control center', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const options = { args: ['--demo=1'], environment: QUICK };
    const host = await startHost(place, options);
    await host.allReady(1);
    const inputs = { ckpt_name: 'anime/new.safetensors' };
    const file = place.file('api.json');
    writeFileSync(file, JSON.stringify({ '1': { class_type: 'CheckpointLoaderSimple', inputs } }));
    const before = await runCli(place, ['models', file, '--script', 'powershell', '--json']).ended;
    expect(before.code).toBe(3);
    expect(before.stderr).toContain('Not in the script: anime/new.safetensors: no address is known.');
    const url = 'https://models.example/new.safetensors';
    await host.invoke('models.rememberUrl', { folder: 'checkpoints', name: 'anime\\new.safetensors', url });
    await host.end('SIGTERM');
    await (await startHost(place, options)).allReady(1);
    const after = await runCli(place, ['models', file, '--script', 'powershell', '--json']).ended;
    expect(after.code).toBe(0);
    const script = JSON.parse(after.stdout) as ModelScript;
    expect(script.text).toContain(`Get-Model 'models/checkpoints/anime' 'new.safetensors' '${url}' 0\n`);
  });
});
