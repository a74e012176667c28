import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCatalog } from '../../../electron/core/graph/catalog.ts';
import { ModelParity } from '../../../electron/core/models/model-parity.ts';
import { UrlStore } from '../../../electron/core/models/url-store.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { type ModelReport, type NamedModel, summaryOf } from '../../../shared/models.ts';
import { answer, BOTH, EMPTY, type FakeServer, FULL } from './fake-servers.ts';
import { API_WORKFLOW, MASTER, objectInfo, STOPPED, uiWorkflow, WORKER } from './workflows.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-models-'));
});
afterEach(() => rm(folder, { recursive: true }));

function world(
  servers: Readonly<Record<string, FakeServer>>,
  instances: readonly InstanceSnapshot[] = [MASTER, WORKER],
) {
  const forgotten: string[] = [];
  const urls = new UrlStore(path.join(folder, 'urls.json'));
  const parity = new ModelParity({
    ...{ instances: () => instances, urls, now: () => 0 },
    server: (id) => {
      const server = servers[id];
      return server === undefined ? null : { text: async (route) => answer(server, route) };
    },
    catalogs: {
      load: async ({ id }) => {
        const info = servers[id]?.info ?? null;
        return info === null ? null : readCatalog(info);
      },
      forget: (id) => void forgotten.push(id),
    },
    library: { find: async () => null },
  });
  const check = (workflow: unknown): Promise<ModelReport> => parity.check(JSON.stringify(workflow));
  return { parity, urls, check, forgotten };
}

const named = (report: ModelReport, name: string): NamedModel | undefined =>
  report.models.find((model) => model.name === name);

const byName = ({ models }: ModelReport): readonly NamedModel[] =>
  [...models].sort((a, b) => (a.name < b.name ? -1 : 1));

describe('what a workflow in API format needs', () => {
  it('is told per instance, whatever separators it and the servers use', async () => {
    const report = await world({ master: FULL, w1: EMPTY }).check(API_WORKFLOW);
    expect(report.models).toEqual([
      {
        ...{ id: '0', name: 'base.safetensors', folder: 'checkpoints', nodes: ['The model'] },
        ...{ url: null, urlProblem: null, sizesDiffer: false },
        on: [{ status: 'there', bytes: 10 }, { status: 'missing' }],
      },
      {
        ...{ id: '1', name: 'style/ink.safetensors', folder: 'loras', nodes: ['LoraLoaderModelOnly'] },
        ...{ url: null, urlProblem: null, sizesDiffer: false },
        on: [{ status: 'there', bytes: 5 }, { status: 'missing' }],
      },
    ]);
    expect(report.instances).toMatchObject([
      { id: 'master', canRun: true, why: null, missingModels: 0 },
      {
        ...{ id: 'w1', canRun: false, missingModels: 2 },
        why: 'Has no models base.safetensors and style\\ink.safetensors.',
      },
    ]);
    expect(summaryOf(report)).toBe('2 models missing on 1 worker');
  });

  it('tells of two sizes under one name', async () => {
    const other = { ...FULL, folders: { ...BOTH, checkpoints: { 'base.safetensors': 11 } } };
    const report = await world({ master: FULL, w1: other }).check(API_WORKFLOW);
    expect(report.models.map(({ sizesDiffer }) => sizesDiffer)).toEqual([true, false]);
  });

  it('does not know what a stopped instance has, nor one that fails, and asks the others', async () => {
    const fails = new EnsembleError('timeout', 'w1 did not answer within 10 s.');
    const servers = { master: FULL, w1: { ...FULL, fails }, w2: FULL };
    const report = await world(servers, [MASTER, WORKER, STOPPED]).check(API_WORKFLOW);
    expect(report.models[0]?.on.map(({ status }) => status)).toEqual(['there', 'unknown', 'unknown']);
    expect(report.instances.map(({ canRun, why }) => [canRun, why])).toEqual([
      [true, null],
      [null, 'w1 did not answer within 10 s.'],
      [null, 'Stopped.'],
    ]);
    expect(summaryOf(report)).toBe('2 models, none missing; 2 instances cannot be asked');
  });

  it('names classes that an instance lacks', async () => {
    const without = {
      ...FULL,
      info: objectInfo({
        ...{ checkpoints: ['base.safetensors'] },
        without: ['Sampler', 'LoraLoaderModelOnly'],
      }),
    };
    const report = await world({ master: FULL, w1: without }).check(API_WORKFLOW);
    expect(report.instances[1]).toMatchObject({
      canRun: false,
      missingNodes: ['LoraLoaderModelOnly', 'Sampler'],
    });
    // Its folders tell even so.
    expect(named(report, 'style/ink.safetensors')?.on[1]).toEqual({ status: 'there', bytes: 5 });
  });

  it('believes the folder when the list of the node is older, and has the list read again', async () => {
    const stale = { ...FULL, info: objectInfo({ loras: ['style\\ink.safetensors'] }) };
    const gone = { ...FULL, folders: { checkpoints: {}, loras: BOTH.loras } };
    const { check, forgotten } = world({ master: stale, w1: gone });
    await check(API_WORKFLOW);
    expect(forgotten).toEqual(['master', 'w1']);
    const calm = world({ master: FULL, w1: EMPTY });
    await calm.check(API_WORKFLOW);
    expect(calm.forgotten).toEqual([]);
  });

  it('finds the folder of an unheard-of loader by what it lists', async () => {
    const odd = ['a.pth', 'b.pth'];
    const server = {
      info: objectInfo({ odd }),
      folders: {
        checkpoints: {},
        sams: { 'a.pth': 1, 'b.pth': 2 },
        all: { 'a.pth': 1, 'b.pth': 2, 'c.pth': 3 },
      },
    };
    const workflow = {
      '1': { class_type: 'OddLoader', inputs: { which: 'b.pth' } },
      '2': { class_type: 'Sampler', inputs: { model: ['1', 0], path: '' } },
      '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'a' } },
    };
    const report = await world({ master: server, w1: EMPTY }).check(workflow);
    expect(report.models).toMatchObject([
      { name: 'b.pth', folder: 'sams', on: [{ bytes: 2 }, { status: 'missing' }] },
    ]);
  });

  it('takes the folder that a person entered with an address', async () => {
    const { check, urls } = world({ master: EMPTY, w1: EMPTY });
    const workflow = { '1': { class_type: 'Unheard', inputs: { file: 'x/odd.pth' } } };
    expect((await check(workflow)).models).toMatchObject([{ name: 'x/odd.pth', folder: null, url: null }]);
    await urls.remember('sams', 'x\\odd.pth', 'https://models.example/odd.pth');
    expect((await check(workflow)).models).toMatchObject([
      { folder: 'sams', url: { url: 'https://models.example/odd.pth', from: 'person' } },
    ]);
  });

  it('looks at every value that shards of their own have', async () => {
    const workflow = {
      ...API_WORKFLOW,
      '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: ['9', 0] } },
      '9': {
        class_type: 'DistributedValue',
        inputs: { default_value: 'base.safetensors', worker_values: '{"1": "other.safetensors"}' },
      },
      '5': { class_type: 'DistributedCollector', inputs: { images: ['3', 0], load_balance: false } },
      '4': { class_type: 'SaveImage', inputs: { images: ['5', 0], filename_prefix: 'a' } },
    };
    const report = await world({ master: FULL, w1: FULL }).check(workflow);
    expect(report.models.map(({ name }) => name)).toContain('other.safetensors');
    expect(report.instances.flatMap(({ missingNodes }) => missingNodes)).toEqual([]);
  });
});

describe('what a workflow of the page needs', () => {
  it('is found inside subgraphs, with the addresses that belong to it and nothing left over', async () => {
    const report = await world({ master: FULL, w1: EMPTY }).check(uiWorkflow());
    expect(
      byName(report).map(({ name, folder, url, urlProblem }) => [name, folder, url, urlProblem]),
    ).toEqual([
      ['base.safetensors', 'checkpoints', { url: 'https://models.example/base', from: 'workflow' }, null],
      ['ink.safetensors', 'loras', null, null],
      [
        ...['special.gguf', 'diffusion_models', null],
        'The address in the workflow begins with ftp:, but only https:// and http:// can be downloaded.',
      ],
    ]);
    expect(report.warnings).toEqual([]);
  });

  it('is told also where a class is unknown to everybody', async () => {
    const report = await world({ master: FULL, w1: EMPTY }).check(uiWorkflow({ oddClass: 'Unheard' }));
    expect(named(report, 'ink.safetensors')).toMatchObject({ folder: null, nodes: ['Unheard'] });
    expect(report.instances.map(({ missingNodes }) => missingNodes)).toEqual([['Unheard'], ['Unheard']]);
    expect(report.warnings).toEqual([expect.stringContaining('no definition of its class is known')]);
  });

  it('is told while nobody answers', async () => {
    const report = await world({}, [STOPPED]).check(uiWorkflow());
    expect(byName(report).map(({ name, folder, on }) => [name, folder, on])).toEqual([
      ['base.safetensors', 'checkpoints', [{ status: 'unknown' }]],
      ['ink.safetensors', 'loras', [{ status: 'unknown' }]],
      ['special.gguf', 'diffusion_models', [{ status: 'unknown' }]],
    ]);
    expect(report.warnings).toEqual([]);
  });
});

describe('the script', () => {
  it('is for what is missing there, and says what it leaves out', async () => {
    const { parity, urls } = world({ master: FULL, w1: EMPTY });
    await urls.remember('checkpoints', 'base.safetensors', 'https://models.example/base.safetensors');
    const script = await parity.script(JSON.stringify(API_WORKFLOW), 'bash', 'w1');
    expect(script).toMatchObject({ downloads: 1, fileName: 'ensemble-models-worker-1.sh' });
    expect(script.text).toContain(
      "\nfetch 'models/checkpoints' 'base.safetensors' 'https://models.example/base.safetensors' 10\n",
    );
    expect(script.leftOut).toEqual(['style/ink.safetensors: no address is known.']);
    expect((await parity.script(JSON.stringify(API_WORKFLOW), 'powershell', 'master')).downloads).toBe(0);
    const all = await parity.script(JSON.stringify(API_WORKFLOW), 'powershell', null);
    expect(all).toMatchObject({ downloads: 1, fileName: 'ensemble-models.ps1' });
  });

  it('is for an instance that there is', async () => {
    const { parity } = world({ master: FULL, w1: EMPTY });
    await expect(parity.script(JSON.stringify(API_WORKFLOW), 'bash', 'w9')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

it('refuses what is no workflow', async () => {
  await expect(world({ master: FULL }).parity.check('[1]')).rejects.toMatchObject({ code: 'bad-argument' });
});
