import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../electron/core/ports.ts';
import { KubernetesProvider } from '../../../electron/core/providers/kubernetes.ts';
import { RentRefused } from '../../../electron/core/providers/provider.ts';
import type { KubernetesProviderSettings } from '../../../shared/providers.ts';
import { FakeKubernetes, READY } from '../../support/providers/fake-kubernetes.ts';
import { EventLog } from './event-log.ts';

const NAME = 'ensemble-abcdefghij-k1';
const SPEC = { offer: 'pod', pricePerHour: 1, ttlMinutes: 60 };
const never = new AbortController().signal;
const quick = {
  ...systemClock,
  after: (ms: number, callback: () => void) => systemClock.after(ms / 100, callback),
};
let fake: FakeKubernetes;
let folder: string;
let stop: () => void = () => {};
beforeEach(async () => {
  fake = await FakeKubernetes.open();
  folder = await mkdtemp(path.join(tmpdir(), 'kube-'));
  await writeFile(path.join(folder, 'config'), fake.kubeconfig);
});
afterEach(async () => {
  stop();
  await fake.close();
  await rm(folder, { recursive: true });
});

function provider(change: Partial<KubernetesProviderSettings> = {}): KubernetesProvider {
  const settings: KubernetesProviderSettings = {
    ...{
      id: 'kubernetes',
      kind: 'kubernetes',
      name: 'Cluster',
      readyMinutes: 20,
      context: '',
      namespace: '',
    },
    ...{ kubeconfig: path.join(folder, 'config'), image: 'org/comfyui:1', args: '--listen 0.0.0.0', gpus: 1 },
    ...{ modelClaim: 'models', modelPath: '/models', ingressHost: '', pricePerHour: 1, ...change },
  };
  const environment = () => ({ HF_API_TOKEN: 'hf' });
  const deps = {
    clock: quick,
    random: () => 0.5,
    controller: 'abcdefghij',
    home: folder,
    processEnvironment: {},
  };
  return new KubernetesProvider(settings, { ...deps, environment });
}

function watched(kubernetes: KubernetesProvider, expected: readonly string[] = []): EventLog {
  const log = new EventLog();
  stop = kubernetes.watch(log, expected);
  return log;
}

test('a lease is one pod with its GPU, models, probe and end, and a service that goes with it', async () => {
  const kubernetes = provider();
  expect(await kubernetes.ensure('k1', SPEC, never)).toBe(NAME);
  const pod = fake.objects.get(`pods/${NAME}`);
  expect(pod?.metadata.labels).toMatchObject({
    'comfy-ensemble/controller': 'abcdefghij',
    'comfy-ensemble/lease': 'k1',
  });
  expect(pod?.spec).toMatchObject({
    activeDeadlineSeconds: 3900,
    containers: [
      {
        image: 'org/comfyui:1',
        args: ['--listen', '0.0.0.0'],
        env: [{ name: 'HF_API_TOKEN', value: 'hf' }],
        resources: { limits: { 'nvidia.com/gpu': 1 } },
        readinessProbe: { httpGet: { path: '/system_stats', port: 8188 } },
        volumeMounts: [{ name: 'models', mountPath: '/models' }],
      },
    ],
    volumes: [{ persistentVolumeClaim: { claimName: 'models' } }],
  });
  expect(fake.objects.get(`services/${NAME}`)?.metadata.ownerReferences).toMatchObject([
    { kind: 'Pod', uid: pod?.metadata.uid },
  ]);
  await kubernetes.release('k1', null, never);
  expect(fake.objects.size).toBe(0);
  await kubernetes.release('k1', null, never);
});

test('however often and badly it is ensured, there is one pod', async () => {
  fake.faults.add('POST', /pods$/, { kind: 'answer-lost' });
  fake.faults.add('POST', /services$/, { kind: 'status', status: 500 });
  fake.faults.add('POST', /pods$/, { kind: 'status', status: 429, headers: { 'retry-after': '1' } });
  const kubernetes = provider();
  expect(await kubernetes.ensure('k1', SPEC, never)).toBe(NAME);
  expect(await kubernetes.ensure('k1', SPEC, never)).toBe(NAME);
  expect(fake.pods).toHaveLength(1);
  expect(fake.objects.has(`services/${NAME}`)).toBe(true);
});

test('a quota that is used up is a refusal in the cluster’s own words', async () => {
  const message =
    'pods "x" is forbidden: exceeded quota: gpus, requested: nvidia.com/gpu=1, used: 4, limited: 4';
  const body = { kind: 'Status', code: 403, reason: 'Forbidden', message };
  fake.faults.add('POST', /pods$/, { kind: 'status', status: 403, body });
  const failure = await provider()
    .ensure('k1', SPEC, never)
    .then(String, (error: Error) => error);
  expect(failure).toEqual(expect.any(RentRefused));
  expect(failure).toMatchObject({ message: expect.stringContaining('exceeded quota: gpus') });
});

describe('the watch', () => {
  test('tells of a slow image, of no room, of readiness and of the end', async () => {
    const kubernetes = provider({ ingressHost: '{name}.gpu.example.com' });
    const log = watched(kubernetes);
    await kubernetes.ensure('k1', SPEC, never);
    expect(fake.objects.get(`ingresses/${NAME}`)?.spec).toMatchObject({
      rules: [{ host: `${NAME}.gpu.example.com` }],
    });
    expect(await log.next('starting')).toMatchObject({ key: 'k1', note: 'A node is chosen.' });
    const scheduled = {
      type: 'PodScheduled',
      status: 'False',
      message: '0/3 nodes: Insufficient nvidia.com/gpu.',
    };
    fake.setStatus(NAME, { phase: 'Pending', conditions: [scheduled] });
    expect((await log.next('starting')).note).toBe(
      'No node takes it: 0/3 nodes: Insufficient nvidia.com/gpu.',
    );
    const waiting = { reason: 'ImagePullBackOff', message: 'Back-off pulling image "org/comfyui:1"' };
    fake.setStatus(NAME, { phase: 'Pending', containerStatuses: [{ state: { waiting }, restartCount: 0 }] });
    expect((await log.next('starting')).note).toBe(
      'ImagePullBackOff: Back-off pulling image "org/comfyui:1"',
    );
    fake.setStatus(NAME, READY);
    expect((await log.next('up')).address.url).toBe(`https://${NAME}.gpu.example.com`);
    fake.setStatus(NAME, { phase: 'Failed', reason: 'DeadlineExceeded', message: 'Pod was active too long' });
    expect((await log.next('gone')).because).toBe(
      'The pod has ended (DeadlineExceeded: Pod was active too long).',
    );
  });

  test('goes on from where it was when the stream ends, and lists anew after 410 Gone', async () => {
    const kubernetes = provider({ ingressHost: '{name}.x.example.com' });
    const log = watched(kubernetes);
    await kubernetes.ensure('k1', SPEC, never);
    await log.next('starting');
    fake.cutWatches();
    const lists = () => fake.requests.filter((one) => one.endsWith('/pods') && one.startsWith('GET')).length;
    const before = lists();
    fake.setStatus(NAME, READY);
    await log.next('up');
    expect(lists()).toBe(before);
    // What happens while nobody can see it is told by the list.
    fake.faults.add('GET', /pods\?watch$/, {
      kind: 'status',
      status: 410,
      body: { code: 410, reason: 'Expired' },
    });
    fake.cutWatches({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    fake.deletePod(NAME);
    expect((await log.next('gone')).because).toBe('The pod is not there any more.');
    expect(lists()).toBeGreaterThan(before);
  });

  test('lists anew, too, when the watch itself is refused as too old', async () => {
    const kubernetes = provider({ ingressHost: '{name}.x.example.com' });
    const log = watched(kubernetes);
    await kubernetes.ensure('k1', SPEC, never);
    await log.next('starting');
    fake.faults.add('GET', /pods\?watch$/, {
      kind: 'status',
      status: 410,
      body: { code: 410, reason: 'Expired' },
    });
    fake.cutWatches();
    // A list tells of everything that is there, a watch of changes alone.
    expect(await log.next('starting')).toMatchObject({ key: 'k1' });
    expect(log.troubles.filter((trouble) => trouble !== null)).toEqual([]);
  });

  test('says what troubles it and recovers', async () => {
    fake.faults.add('GET', /pods$/, { kind: 'status', status: 403, body: { message: 'pods is forbidden' } });
    const log = watched(provider());
    expect(await log.until(({ troubles }) => troubles[0] ?? undefined)).toContain('pods is forbidden');
    await log.until(({ troubles }) => troubles.at(-1) === null && 'well');
  });

  test('tells of the end of what was there before our restart', async () => {
    const log = watched(provider(), ['k0']);
    expect(await log.next('gone')).toMatchObject({ key: 'k0' });
  });
});

describe('a port-forward', () => {
  let comfy: Server;
  beforeEach(async () => {
    comfy = createServer((request, response) => {
      let size = 0;
      request.on('data', (chunk: Buffer) => {
        size += chunk.length;
      });
      request.on('end', () =>
        response.end(request.url === '/big' ? Buffer.alloc(8_000_000, 1) : String(size)),
      );
    });
    await new Promise<void>((resolve) => comfy.listen(0, '127.0.0.1', resolve));
    const address = comfy.address();
    fake.forwardTo = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterEach(() => {
    comfy.closeAllConnections();
    comfy.close();
  });

  test('leads to the pod, both ways and whole, and ends with the lease', async () => {
    const kubernetes = provider();
    const log = watched(kubernetes);
    await kubernetes.ensure('k1', SPEC, never);
    fake.setStatus(NAME, READY);
    const { url } = (await log.next('up')).address;
    const sent = await fetch(`${url}/upload`, { method: 'POST', body: new Uint8Array(5_000_000) });
    expect(await sent.text()).toBe('5000000');
    const big = await (await fetch(`${url}/big`)).arrayBuffer();
    expect(big.byteLength).toBe(8_000_000);
    await kubernetes.release('k1', null, never);
    await expect(fetch(url)).rejects.toThrow();
  });
});

describe('the check', () => {
  test('says what works', async () => {
    expect(await provider().test(never)).toBe('test lets us make pods in gpu; 0 of ours are there.');
  });

  test('names the first right that is missing', async () => {
    fake.denied.add('create pods/portforward');
    await expect(provider().test(never)).rejects.toThrow(
      'test does not let us create pods/portforward in gpu.',
    );
    expect(await provider({ ingressHost: '{name}.x.example.com' }).test(never)).toContain('lets us');
  });

  test('names what is wrong with the kubeconfig', async () => {
    await expect(provider({ context: 'other' }).test(never)).rejects.toThrow('has no context “other”');
    await expect(provider({ kubeconfig: path.join(folder, 'none') }).test(never)).rejects.toThrow(
      'cannot be read',
    );
    await writeFile(path.join(folder, 'broken'), 'a: [');
    await expect(provider({ kubeconfig: path.join(folder, 'broken') }).test(never)).rejects.toThrow(
      'is no YAML',
    );
  });
});
