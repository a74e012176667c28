import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planImport, readPluginConfig } from '../../../electron/core/settings/plugin-import.ts';
import type { GpuInfo } from '../../../shared/model.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../shared/settings.ts';
import { localWorkers } from '../../support/fixtures.ts';

const gpus: readonly GpuInfo[] = [0, 1, 2].map((index) => ({
  uuid: `GPU-${index}`,
  index,
  pciBusId: `0000:0${index}:00.0`,
  name: 'RTX',
  memoryTotal: 1,
  driver: '1',
  mig: false,
  health: 'ok',
  simulated: false,
}));
const plan = (config: unknown, settings: Settings = DEFAULT_SETTINGS) =>
  planImport(settings, readPluginConfig(JSON.stringify(config)), gpus);

const CONFIG = {
  master: { name: 'Boss', host: '', cuda_device: 2 },
  workers: [
    {
      id: '1',
      name: 'Worker 1',
      port: 8189,
      cuda_device: 0,
      enabled: true,
      extra_args: '--lowvram',
      type: 'local',
    },
    { id: '2', name: 'Worker 2', listen_port: 8190, host: 'localhost', cuda_device: 1 },
    { id: '3', name: 'Pod', host: 'pod.proxy.runpod.net', port: 443, type: 'cloud', enabled: true },
    { id: '4', name: 'Attic', host: '192.168.1.7', port: 8188, type: 'remote' },
  ],
  settings: {
    debug: true,
    auto_launch_workers: false,
    stop_workers_on_master_exit: false,
    master_delegate_only: true,
    has_auto_populated_workers: true,
  },
};

describe('importing the plugin’s configuration', { timeout: 60_000 }, () => {
  it('takes over workers of every type, the master and the modes', () => {
    const { settings, changes, skipped } = plan(CONFIG);
    expect(settings).toMatchObject({
      populated: true,
      autoLaunch: false,
      stopOnQuit: false,
      master: { name: 'Boss', device: 'GPU-2', selected: false, port: 8188 },
      workers: [
        {
          name: 'Worker 1',
          port: 8189,
          device: 'GPU-0',
          extraArgs: '--lowvram',
          selected: true,
          type: 'local',
        },
        { name: 'Worker 2', port: 8190, device: 'GPU-1', extraArgs: '', selected: false },
        { name: 'Pod', type: 'cloud', host: 'pod.proxy.runpod.net', port: 443, secure: true, selected: true },
        { name: 'Attic', type: 'remote', host: '192.168.1.7', port: 8188, secure: false, selected: false },
      ],
    });
    expect(changes).toHaveLength(9);
    expect(changes).toContain('Adds the cloud worker “Pod”, at pod.proxy.runpod.net, over https, selected.');
    expect(changes).toContain('Adds the worker “Worker 2”, on GPU 1 (RTX), port 8190, not selected.');
    expect(skipped).toEqual(['Settings that mean nothing here are left out: debug.']);
  });

  it('changes nothing the second time', () => {
    const first = plan(CONFIG);
    const second = plan(CONFIG, first.settings);
    expect(second.settings).toEqual(first.settings);
    expect(second.changes).toEqual([]);
  });

  it('changes workers that are there already instead of adding twins', () => {
    const before = plan({
      workers: [{ name: 'Worker 1', port: 8189, cuda_device: 1, enabled: true }],
    }).settings;
    const { settings, changes } = plan(
      { workers: [{ name: 'Mine', port: 8189, cuda_device: 2, enabled: true }] },
      before,
    );
    expect(settings.workers).toMatchObject([{ id: before.workers[0]?.id, name: 'Mine', device: 'GPU-2' }]);
    expect(changes).toEqual(['Changes “Worker 1” to “Mine”, on GPU 2 (RTX), port 8189, selected.']);
  });

  it('settles port clashes and twin names in words', () => {
    const twin = { name: 'W', port: 8188, cuda_device: 1 };
    const { settings, changes } = plan({ workers: [twin, twin, { name: 'W', port: 8200 }] });
    expect(settings.workers.map(({ name, port }) => [name, port])).toEqual([
      ['W', 8189],
      ['W (2)', 8190],
      ['W (3)', 8191],
    ]);
    expect(changes).toContain('Port 8188 of “W” is taken, so that it becomes 8189.');
    expect(changes).toContain('The name “W” is taken, so that it becomes “W (2)”.');
    const moved = { ...DEFAULT_SETTINGS, gatewayPort: 9000 };
    expect(plan({ workers: [{ port: 9000 }] }, moved).settings.workers).toMatchObject([{ port: 8189 }]);
    expect(plan({ workers: [{ port: 8200 }] }, moved).settings.workers).toMatchObject([{ port: 8200 }]);
  });

  it('keeps devices that it cannot name, and fills in what is missing', () => {
    const { settings } = plan({
      workers: [{ cuda_device: '0,1' }, { cuda_device: 7 }, { cuda_device: null }],
    });
    expect(localWorkers(settings).map(({ name, device, port }) => [name, device, port])).toEqual([
      ['Worker 1', '0,1', 8189],
      ['Worker 2', '7', 8190],
      ['Worker 3', 'GPU-0', 8191],
    ]);
  });

  it.each(['', 'nonsense', '[]', '42', 'null', '{}', '{"workers":{}}', '{"a":1}'])('refuses %j', (text) => {
    expect(() => readPluginConfig(text)).toThrow(/not the plugin’s gpu_config\.json/);
  });

  it('leaves out what it cannot read', () => {
    const { settings, skipped } = plan({ workers: [5, null, { name: 7, port: 'x', enabled: 'yes' }] });
    expect(settings.workers).toMatchObject([{ name: 'Worker 1', port: 8189, selected: false }]);
    expect(skipped).toEqual(['2 of its workers could not be read and are left out.']);
  });

  it('always gives unique ids, names and ports, whatever comes, and is idempotent', () => {
    const worker = fc.record({
      name: fc.constantFrom('', 'A', 'B', 'A (2)', 'Master'),
      port: fc.constantFrom(8188, 8189, 8190, 8200, 8288, 0, 'x'),
      cuda_device: fc.constantFrom(0, 1, 9, null, '0,1'),
      enabled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(worker, { maxLength: 8 }), (workers) => {
        const { settings } = plan({ workers });
        const everyone = [settings.master, ...settings.workers];
        expect(new Set(everyone.map((one) => one.port)).size).toBe(everyone.length);
        expect(new Set(everyone.map((one) => one.name)).size).toBe(everyone.length);
        expect(new Set(settings.workers.map((one) => one.id)).size).toBe(workers.length);
        expect(plan({ workers }, settings).settings.workers).toHaveLength(workers.length);
      }),
    );
  });
});
