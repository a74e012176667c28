import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../electron/core/ports.ts';
import { type ProviderEvent, RentRefused } from '../../../electron/core/providers/provider.ts';
import { RunPodProvider } from '../../../electron/core/providers/runpod.ts';
import type { RunPodProviderSettings } from '../../../shared/providers.ts';
import { FAKE_KEY, FakeRunPod } from '../../support/providers/fake-runpod.ts';

let fake: FakeRunPod;
beforeEach(async () => {
  fake = await FakeRunPod.open();
});
afterEach(() => fake.close());

const SETTINGS: RunPodProviderSettings = {
  ...{
    id: 'runpod',
    kind: 'runpod',
    name: 'RunPod',
    readyMinutes: 20,
    image: 'org/comfyui:1',
    templateId: '',
  },
  ...{ startCommand: '', networkVolume: '', volumePath: '', cloud: 'SECURE', gpus: [], diskGb: 50 },
};
const SPEC = { offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69, ttlMinutes: 60 };
const never = new AbortController().signal;
/** Waits of an API in no time. */
const quick = {
  ...systemClock,
  after: (ms: number, callback: () => void) => systemClock.after(ms / 1000, callback),
};

function provider(change: Partial<RunPodProviderSettings> = {}, apiKey = FAKE_KEY): RunPodProvider {
  const environment = () => ({ CIVITAI_API_TOKEN: 'civ' });
  const deps = {
    clock: quick,
    random: () => 0.5,
    controller: 'abcdefghij',
    apiKey: () => apiKey,
    environment,
  };
  return new RunPodProvider({ ...SETTINGS, ...change }, { ...deps, baseUrl: fake.url });
}

test('offers are those of the chosen cloud, with price, VRAM and stock', async () => {
  const offers = await provider().offers(never);
  expect(offers.map(({ name, vramGb, pricePerHour, stock }) => [name, vramGb, pricePerHour, stock])).toEqual([
    ['RTX 4090', 24, 0.69, 'high'],
    ['H100 SXM', 80, 3.49, 'low'],
    ['RTX A5000', 24, 0.27, 'none'],
  ]);
  const community = await provider({ cloud: 'COMMUNITY', gpus: ['NVIDIA H100 80GB HBM3'] }).offers(never);
  expect(community.map(({ pricePerHour }) => pricePerHour)).toEqual([2.69]);
});

test('a pod is asked for in the form of the API, and only once however often it is ensured', async () => {
  const runpod = provider({ networkVolume: 'vol1', volumePath: '/workspace' });
  expect(await runpod.ensure('k1', SPEC, never)).toBe('pod1');
  expect(await runpod.ensure('k1', SPEC, never)).toBe('pod1');
  expect(fake.pods).toHaveLength(1);
  expect(fake.pods[0]?.body).toEqual({
    name: 'ensemble-abcdefghij-k1',
    gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
    cloud: 'SECURE',
    disk: 50,
    ports: ['8188/http'],
    env: { CIVITAI_API_TOKEN: 'civ' },
    image: 'org/comfyui:1',
    mounts: { network: [{ volumeId: 'vol1', path: '/workspace' }] },
  });
});

test('with a start command the pod ends itself after its time', async () => {
  const runpod = provider({ startCommand: "python main.py --listen --name 'a b'" });
  expect(runpod.leash).toBe('itself');
  await runpod.ensure('k1', SPEC, never);
  const args = String(fake.pods[0]?.body['args']);
  expect(args).toMatch(/^bash -c '\(sleep 3900; until curl .* -X DELETE .*\/v2\/pods\/\$RUNPOD_POD_ID/);
  expect(args).toContain(`exec python main.py --listen --name '\\''a b'\\'''`);
  expect(provider().leash).toBe('nobody');
});

describe('faults', () => {
  test('a 429 is waited for as long as it says, then the pod is made once', async () => {
    const retry = { kind: 'status', status: 429, headers: { 'retry-after': '2' } } as const;
    fake.faults.add('POST', /pods$/, retry, 2);
    await provider().ensure('k1', SPEC, never);
    expect(fake.requests.filter((one) => one === 'POST /v2/pods')).toHaveLength(3);
    expect(fake.running).toHaveLength(1);
  });

  test('a 500 of a list is asked again, of a creation never', async () => {
    fake.faults.add('GET', /pods$/, { kind: 'status', status: 500 }, 2);
    fake.faults.add('POST', /pods$/, {
      kind: 'status',
      status: 500,
      body: { title: 'Oops', status: 500, detail: 'upstream' },
    });
    const failure = await provider()
      .ensure('k1', SPEC, never)
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ message: 'RunPod refused: upstream.' });
    expect(failure).not.toEqual(expect.any(RentRefused));
    expect(fake.requests.filter((one) => one === 'POST /v2/pods')).toHaveLength(1);
  });

  test('what is certain to be no pod is told apart from what nobody knows', async () => {
    const refusal = (status: number, detail: string) =>
      ({ kind: 'status', status, body: { title: 'x', status, detail } }) as const;
    const failed = () =>
      provider()
        .ensure('k1', SPEC, never)
        .then(String, (error: Error) => error);
    fake.faults.add('POST', /pods$/, refusal(402, 'insufficient balance'));
    expect(await failed()).toEqual(expect.any(RentRefused));
    fake.faults.add('POST', /pods$/, refusal(400, 'no capacity'));
    expect(await failed()).toEqual(expect.any(RentRefused));
    expect(fake.running).toEqual([]);
    fake.faults.add('POST', /pods$/, { kind: 'answer-lost' });
    const unknown = await failed();
    expect(unknown).toMatchObject({ code: 'disconnected' });
    expect(unknown).not.toEqual(expect.any(RentRefused));
    expect(fake.running).toHaveLength(1);
  });

  test('a pod that costs more than was agreed to is ended at once', async () => {
    fake.cost = 0.99;
    await expect(provider().ensure('k1', SPEC, never)).rejects.toThrow('$0.99 per hour in place of $0.69');
    expect(fake.running).toEqual([]);
  });

  test('a wrong key is told with the way to a right one, and never shown', async () => {
    const failure = await provider({}, 'rpa_WRONG')
      .test(never)
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'unauthorized', hint: expect.stringContaining('RunPod console') });
    expect(JSON.stringify(failure)).not.toContain('rpa_WRONG');
    await expect(provider({}, '').test(never)).rejects.toThrow('RunPod needs an API key.');
  });
});

test('release ends every pod of the key and waits for the word; nothing there is fine too', async () => {
  const runpod = provider();
  const id = await runpod.ensure('k1', SPEC, never);
  await runpod.ensure('k2', SPEC, never);
  await runpod.release('k1', id, never);
  await runpod.release('k1', id, never);
  expect(fake.running.map(({ name }) => name)).toEqual(['ensemble-abcdefghij-k2']);
  expect(await runpod.reconcile(never)).toEqual([
    { key: 'k2', reference: 'pod2', url: null, pricePerHour: 0.69 },
  ]);
});

test('release does not forget a pod that lists do not have yet', async () => {
  fake.lagMs = 60_000;
  const runpod = provider();
  const id = await runpod.ensure('k1', SPEC, never);
  await runpod.release('k1', id, never);
  expect(fake.running).toEqual([]);
});

test('the watch tells of start, readiness and loss; one list that lacks a pod is not believed', async () => {
  const runpod = provider();
  await runpod.ensure('k1', SPEC, never);
  const [pod] = fake.pods;
  const events: ProviderEvent[] = [];
  let wake = (): void => {};
  const stop = runpod.watch(
    {
      onEvent: (event) => {
        events.push(event);
        wake();
      },
      onTrouble: () => {},
    },
    ['k1'],
  );
  const until = async (kind: ProviderEvent['kind']): Promise<ProviderEvent> => {
    for (;;) {
      const found = events.find((event) => event.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  expect(await until('starting')).toMatchObject({ key: 'k1', note: 'RunPod looks for a machine.' });
  if (pod !== undefined) pod.status = 'RUNNING';
  expect(await until('up')).toMatchObject({
    address: { url: 'https://pod1-8188.proxy.runpod.net' },
    pricePerHour: 0.69,
  });
  fake.faults.add('GET', /pods$/, { kind: 'status', status: 200, body: { pods: [] } }, 2);
  const before = fake.requests.length;
  while (fake.requests.length < before + 4) await new Promise((resolve) => setImmediate(resolve));
  expect(events.some(({ kind }) => kind === 'gone')).toBe(false);
  if (pod !== undefined) pod.status = 'TERMINATED';
  expect(await until('gone')).toMatchObject({ because: 'It is not there any more.' });
  stop();
});
