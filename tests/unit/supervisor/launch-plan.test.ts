import net from 'node:net';
import { describe, expect, it } from 'vitest';
import { type LaunchRequest, planLaunch } from '../../../electron/core/supervisor/launch-plan.ts';
import { checkPort, nextFreePort } from '../../../electron/core/supervisor/ports.ts';
import type { GpuInfo } from '../../../shared/model.ts';

const gpu = (index: number, health: GpuInfo['health'] = 'ok'): GpuInfo => ({
  uuid: `GPU-${index}${index}`,
  index,
  pciBusId: '',
  name: 'RTX',
  memoryTotal: 1,
  driver: '1',
  mig: false,
  health,
  simulated: false,
});

const REQUEST: LaunchRequest = {
  id: 'worker-1',
  role: 'worker',
  port: 8189,
  device: '1',
  extraArgs: '',
  program: {
    command: ['/venv/bin/python', '/comfy/main.py'],
    cwd: '/comfy',
    environment: { ELECTRON_RUN_AS_NODE: '1' },
    flags: [
      '--port',
      '--listen',
      '--database-url',
      '--preview-method',
      '--log-stdout',
      '--lowvram',
      '--help',
    ],
    simulated: false,
  },
  gpus: [gpu(0), gpu(1), gpu(2, 'lost')],
  directories: { instance: '/data/w1', input: '/comfy/input', output: null, base: null },
  inherited: {
    PATH: '/bin',
    NODE_OPTIONS: '--x',
    ELECTRON_ENABLE_LOGGING: '1',
    PYTHONHOME: '/x',
    VIRTUAL_ENV: '/other',
    COMFYUI_MASTER_PID: '1',
  },
  platform: 'linux',
};

const messages = (change: Partial<LaunchRequest>): string =>
  planLaunch({ ...REQUEST, ...change })
    .problems.map(({ message }) => message)
    .join(' ');

describe('the launch plan', () => {
  it('gives a worker its own output, temp and database, the shared input, and its GPU by UUID', () => {
    const plan = planLaunch(REQUEST);
    expect(plan.problems).toEqual([]);
    const text = plan.args.join(' ');
    for (const part of [
      '--port 8189',
      '--listen 127.0.0.1',
      '--input-directory /comfy/input',
      '--temp-directory /data/w1',
      '--output-directory /data/w1/output',
      '--database-url sqlite:////data/w1/comfyui.db',
      '--preview-method auto',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('--disable-auto-launch');
    expect(plan.environment).toMatchObject({
      CUDA_VISIBLE_DEVICES: 'GPU-11',
      CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
      PATH: '/bin',
      ELECTRON_RUN_AS_NODE: '1',
    });
    for (const name of [
      'NODE_OPTIONS',
      'ELECTRON_ENABLE_LOGGING',
      'PYTHONHOME',
      'VIRTUAL_ENV',
      'COMFYUI_MASTER_PID',
    ]) {
      expect(plan.environment).not.toHaveProperty(name);
    }
  });

  it('leaves the master the output and database of the install', () => {
    const plan = planLaunch({
      ...REQUEST,
      role: 'master',
      directories: { ...REQUEST.directories, output: '/comfy/output' },
    });
    expect(plan.args).not.toContain('--output-directory');
    expect(plan.args).not.toContain('--database-url');
    expect(plan.outputDirectory).toBe('/comfy/output');
  });

  it('computes on the CPU without seeing a GPU', () => {
    const plan = planLaunch({ ...REQUEST, device: 'cpu', extraArgs: '--preview-method none' });
    expect(plan.args).toContain('--cpu');
    expect(plan.args).not.toContain('auto');
    expect(plan.environment['CUDA_VISIBLE_DEVICES']).toBe('-1');
  });

  it('says what is wrong, and what was meant', () => {
    expect(messages({ extraArgs: '--lowvrm' })).toContain('Did you mean --lowvram?');
    expect(messages({ extraArgs: '--port=9' })).toContain('--port cannot be set here');
    expect(messages({ extraArgs: '--x "y' })).toContain('never closed');
    expect(messages({ extraArgs: '--listen 10.0.0.1' })).toContain('127.0.0.1');
    expect(messages({ device: '7' })).toContain('no GPU 7');
    expect(messages({ device: '2' })).toContain('lost');
    expect(messages({ device: 'banana' })).toContain('no device');
    expect(messages({ port: 70_000 })).toContain('65535');
  });
});

describe('ports', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::1'])('sees a listener on %s', async (host) => {
    const server = net.createServer();
    const listening = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(0, host, () => resolve(true));
    });
    // No IPv6 on this machine.
    if (!listening) return;
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await checkPort(port)).toBe('taken');
    expect(await nextFreePort(port, new Set([port + 1]))).toBeGreaterThan(port + 1);
    await new Promise((resolve) => server.close(resolve));
    expect(await checkPort(port)).toBe('free');
  });
});
