import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  networkInfo,
  recommendedAddress,
  systemInfo,
} from '../../../electron/core/gateway/plugin/machine.ts';
import {
  cudaIndex,
  managedWorkers,
  pluginConfig,
  workerStatuses,
} from '../../../electron/core/gateway/plugin/plugin-config.ts';
import { countIn, PluginRefusal } from '../../../electron/core/gateway/plugin/plugin-replies.ts';
import {
  gathers,
  participantsFor,
  readQueueRequest,
} from '../../../electron/core/gateway/plugin/queue-request.ts';
import { readPluginConfig } from '../../../electron/core/settings/plugin-config.ts';
import { gpu, instanceSnapshot } from '../../support/fixtures.ts';

const master = instanceSnapshot({
  ...{ id: 'master', role: 'master', name: 'Master', port: 8188 },
  ...{ device: 'GPU-0', gpuUuid: 'GPU-0' },
});
const second = instanceSnapshot({ id: 'worker-2', name: 'Big one', device: '0,1', gpuUuid: null });
const down = instanceSnapshot({
  ...{ id: 'worker-3', name: 'Worker 3', device: '2', gpuUuid: null, selected: false },
  process: { status: 'stopped', since: 0 },
  link: { status: 'down', since: 0, reason: 'refused' },
});
const fleet = [master, instanceSnapshot(), second, down];
const good = { prompt: {}, client_id: 'me', enabled_worker_ids: [] };

describe('what is posted to the plugin’s queue', () => {
  it.each<[string, Record<string, unknown>]>([
    ['auto_prepare must be a boolean when provided', { ...good, auto_prepare: 1 }],
    ["Field 'prompt' must be an object", { ...good, prompt: undefined }],
    ["Field 'prompt' must be an object", { ...good, prompt: [] }],
    ["Field 'prompt' must be an object", { ...good, prompt: null, workflow: { prompt: 'x' } }],
    ['enabled_worker_ids required', { ...good, enabled_worker_ids: undefined }],
    ['enabled_worker_ids must be a list of worker IDs', { ...good, enabled_worker_ids: 'a' }],
    ["Field 'workers' must be a list when provided", { ...good, enabled_worker_ids: null, workers: {} }],
    ['delegate_master must be a boolean when provided', { ...good, delegate_master: 'yes' }],
    ['client_id required', { ...good, client_id: ' ' }],
    ['client_id required', { ...good, client_id: 7 }],
    ['trace_execution_id must be a string when provided', { ...good, trace_execution_id: 1 }],
  ])('is refused: %s', (words, body) => {
    const thrown = (): unknown => readQueueRequest(body);
    expect(thrown).toThrow(PluginRefusal);
    expect(thrown).toThrow(words);
  });

  it('is read as the plugin reads it', () => {
    expect(
      readQueueRequest({
        ...{ workflow: { prompt: { a: {} } }, client_id: ' me ', trace_execution_id: ' ' },
        workers: [{ id: 'worker-1' }, 'b ', { id: null }, null, 7],
      }),
    ).toEqual({
      ...{ prompt: { a: {} }, workflow: { prompt: { a: {} } }, clientId: 'me', trace: null },
      ...{ workers: ['worker-1', 'b', '7'], delegateMaster: null },
    });
    const given = { ...good, enabled_worker_ids: ['x', ''], workers: 'not looked at', delegate_master: true };
    expect(readQueueRequest(given)).toMatchObject({ workers: ['x'], delegateMaster: true });
  });

  it('is read or refused in words, whatever it is', () => {
    const keys = Object.keys({ ...good, workflow: 0, workers: 0, delegate_master: 0, trace_execution_id: 0 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), (body) => {
        try {
          expect(readQueueRequest(body).clientId).not.toBe('');
        } catch (error) {
          if (!(error instanceof PluginRefusal)) throw error;
          expect(error.status).toBe(400);
        }
      }),
    );
  });
});

describe('who takes part', () => {
  const asked = (workers: readonly string[], delegateMaster: boolean | null = null) =>
    participantsFor({ workers, delegateMaster }, fleet);

  it('is the master with those workers that are named and up', () => {
    expect(asked(['worker-1', 'Big one', 'worker-3', 'nobody'])).toEqual(['master', 'worker-1', 'worker-2']);
    expect(asked([])).toEqual(['master']);
  });

  it('is without the master when it delegates, but for when it is alone', () => {
    expect(asked(['worker-2'], true)).toEqual(['worker-2']);
    expect(asked(['worker-3'], true)).toEqual(['master']);
    const orchestrates = [{ ...master, selected: false }, ...fleet.slice(1)];
    const wanted = { workers: ['worker-1'], delegateMaster: null };
    expect(participantsFor(wanted, orchestrates)).toEqual(['worker-1']);
    expect(participantsFor({ ...wanted, delegateMaster: false }, orchestrates)).toEqual([
      ...['master', 'worker-1'],
    ]);
  });

  it('counts where something is gathered', () => {
    expect(gathers({ 1: { class_type: 'DistributedSeed' }, 2: null })).toBe(false);
    expect(gathers({ 1: { class_type: 'DistributedCollector' } })).toBe(true);
  });
});

describe('the fleet as the plugin describes one', () => {
  const facts = { gpus: [gpu(0), gpu(1), gpu(2)], autoLaunch: true, stopOnQuit: false };

  it('has devices by their index', () => {
    expect(fleet.map((one) => cudaIndex(one, facts.gpus))).toEqual([0, 1, null, 2]);
    expect(cudaIndex(instanceSnapshot({ device: 'cpu', gpuUuid: null }), facts.gpus)).toBeNull();
  });

  it('is a configuration that our own import reads', () => {
    const config = pluginConfig(fleet, facts);
    expect(config).toMatchObject({
      master: { host: '', name: 'Master', cuda_device: 0 },
      settings: {
        auto_launch_workers: true,
        stop_workers_on_master_exit: false,
        master_delegate_only: false,
      },
      tunnel: { status: 'stopped', pid: null },
    });
    const read = readPluginConfig(JSON.stringify(config));
    expect(read.workers).toEqual([
      {
        ...{ name: 'Worker 1', host: 'localhost', port: 8189, cuda_device: '1' },
        ...{ enabled: true, extra_args: '', type: 'local' },
      },
      expect.objectContaining({ name: 'Big one', enabled: true }),
      expect.objectContaining({ name: 'Worker 3', enabled: false }),
    ]);
    expect(read.settings).toMatchObject({ auto_launch_workers: true, master_delegate_only: false });
  });

  it('lists processes of its own, and who is up', () => {
    const foreign = instanceSnapshot({ id: 'foreign', control: 'attached' });
    expect(managedWorkers([...fleet, foreign])).toEqual({
      'worker-1': { pid: 100, started_at: 0, log_file: null, launching: false },
      'worker-2': { pid: 100, started_at: 0, log_file: null, launching: false },
    });
    const busy = instanceSnapshot({ id: 'busy', queue: 3 });
    const gone = { ...down, selected: true };
    expect(workerStatuses([master, busy, down, { ...gone, id: 'gone' }])).toEqual({
      busy: { online: true, enabled: true, processing: true, queue_count: 3 },
      'worker-3': { online: false, enabled: false, processing: false, queue_count: 0 },
      gone: { online: false, enabled: true, processing: false, queue_count: 0, error: 'Unavailable' },
    });
  });
});

describe('the machine as the plugin describes it', () => {
  it.each<[readonly string[], string | null]>([
    [['127.0.0.1', '8.8.8.8', '10.0.0.2', '192.168.1.2'], '192.168.1.2'],
    [['127.0.0.1', '8.8.8.8', '172.31.0.2'], '172.31.0.2'],
    [['8.8.8.8', '172.32.0.1'], '8.8.8.8'],
    [['127.0.0.1'], '127.0.0.1'],
    [[], null],
  ])('of %j recommends %s', (addresses, best) => expect(recommendedAddress(addresses)).toBe(best));

  it('names itself', () => {
    const machine = {
      ...{ hostname: 'box', addresses: ['127.0.0.1'], mac: '00:00:00:00:01:02', system: 'Linux' },
      ...{ processor: 'x86_64', pathSeparator: '/', inDocker: false },
    };
    expect(systemInfo(machine)).toMatchObject({
      ...{ status: 'success', hostname: 'box', machine_id: '258', is_docker: false },
      platform: { system: 'Linux', machine: 'x86_64', node: 'box', path_separator: '/', os_name: 'posix' },
    });
    expect(systemInfo({ ...machine, mac: null })).toMatchObject({ machine_id: 'x86_64_box' });
    expect(networkInfo(machine, 0, 3)).toMatchObject({ cuda_device: 0, cuda_device_count: 3 });
  });

  it('shows as many lines as asked for, within limits', () => {
    const lines = (text: string): number =>
      countIn(new URLSearchParams({ lines: text }), 'lines', 300, 3_000);
    expect(['10', '-4', '99999', 'x', '', '1.5'].map(lines)).toEqual([10, 1, 3_000, 300, 300, 300]);
  });
});
