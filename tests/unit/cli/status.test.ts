import { describe, expect, it } from 'vitest';
import { statusLines } from '../../../electron/cli/commands/status.ts';
import type { RemoteFacts } from '../../../shared/remote.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { gpu, instanceSnapshot } from '../../support/fixtures.ts';

const terminal = { print: () => {}, printError: () => {}, hasColor: false, screen: null };
const REMOTE: RemoteFacts = {
  ...{ secure: true, path: '', certificate: null, access: null, readiness: null, source: null, agent: null },
};

describe('the device of a status line', () => {
  const deviceOf = (change: Parameters<typeof instanceSnapshot>[0]): string => {
    const fleet = { ...SAMPLES['fleet.snapshot'].result, gpus: [gpu(1)] };
    const lines = statusLines(
      { ...fleet, instances: [instanceSnapshot({ name: 'W', ...change })] },
      terminal,
      0,
    );
    return /W +Ready +(.*?) +8189/.exec(lines.at(-1) ?? '')?.[1] ?? '';
  };

  it('is the GPU by its name, here and on a paired machine, and what a server elsewhere says of itself', () => {
    expect(deviceOf({})).toBe('GPU 1 NVIDIA GeForce RTX 4090');
    expect(deviceOf({ device: 'cpu', gpuUuid: null })).toBe('cpu');
    const agent = { unreachable: null, gpu: gpu(3, { name: 'RTX 3090' }) };
    expect(
      deviceOf({ type: 'remote', device: 'x/GPU-3', gpuUuid: 'x/GPU-3', remote: { ...REMOTE, agent } }),
    ).toBe('GPU 3 RTX 3090');
    const server = {
      ...{ comfyuiVersion: null, pythonVersion: null, pytorchVersion: null, vramTotal: null, windows: false },
      deviceName: 'cuda:0 H100',
    };
    expect(deviceOf({ type: 'cloud', device: '', gpuUuid: null, remote: REMOTE, server })).toBe(
      'cuda:0 H100',
    );
    expect(deviceOf({ type: 'cloud', device: '', gpuUuid: null, remote: REMOTE })).toBe('–');
  });
});
