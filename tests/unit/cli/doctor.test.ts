import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { DoctorFacts } from '../../../electron/core/doctor/facts.ts';
import { findingsOf } from '../../../electron/core/doctor/findings.ts';
import { isPortTaken } from '../../../electron/core/doctor/probes.ts';

const WELL: DoctorFacts = {
  gpus: {
    status: 'ok',
    command: '/usr/bin/nvidia-smi',
    driver: '570.1',
    gpus: [
      {
        uuid: 'GPU-1',
        index: 0,
        pciBusId: '0',
        name: 'H200',
        memoryTotal: 150e9,
        driver: '570.1',
        mig: false,
        health: 'ok',
        simulated: false,
      },
    ],
  },
  installs: {
    found: [
      { root: '/c', python: '/p', version: '0.33.0', source: 'picked', flags: [], baseDirectory: null },
    ],
    rejected: [],
  },
  pythons: [{ python: '/p', version: '3.12.1' }],
  ports: [{ port: 8188, purpose: 'the master', taken: false, owner: null }],
  disk: { free: 100e9, total: 200e9 },
  data: { directory: '/data', problem: null },
  electron: { version: '45.4.1', hasDisplay: true },
};

const wrongWith = (change: Partial<DoctorFacts>) =>
  findingsOf({ ...WELL, ...change }).filter((finding) => finding.level !== 'ok');

describe('the doctor', () => {
  it('finds nothing wrong with a machine that is well', () => {
    expect(wrongWith({})).toEqual([]);
  });

  it.each<[string, Partial<DoctorFacts>, string, string]>([
    [
      'gpus',
      { gpus: { status: 'failed', message: 'No nvidia-smi.', hint: 'Install.' } },
      'warning',
      'No nvidia-smi.',
    ],
    [
      'comfyui',
      { installs: { found: [], rejected: [] } },
      'warning',
      'No ComfyUI was found in the usual places.',
    ],
    [
      'comfyui',
      { installs: { found: [], rejected: [{ root: '/x', message: 'No main.py.', hint: 'h' }] } },
      'problem',
      'No main.py.',
    ],
    [
      'python',
      { pythons: [{ python: '/p', version: '3.8.10' }] },
      'problem',
      'Python 3.8.10 (/p) is too old for ComfyUI.',
    ],
    ['python', { pythons: [{ python: '/p', version: null }] }, 'problem', '/p does not run.'],
    [
      'ports',
      { ports: [{ port: 8188, purpose: 'the master', taken: true, owner: null }] },
      'warning',
      'Port 8188 (the master) is taken by another program.',
    ],
    ['disk', { disk: { free: 5e8, total: 200e9 } }, 'problem', '0.5 GB of 200.0 GB free for /data'],
    ['disk', { disk: null }, 'warning', 'The free space for /data cannot be told.'],
    ['data', { data: { directory: '/data', problem: 'EACCES' } }, 'problem', '/data cannot be used: EACCES.'],
    [
      'electron',
      { electron: { version: null, hasDisplay: true } },
      'warning',
      'Electron has not been fetched yet.',
    ],
  ])('names what is wrong: %s', (topic, change, level, text) => {
    const [finding, ...others] = wrongWith(change);
    expect(finding).toMatchObject({ topic, level, text });
    expect(others).toEqual([]);
  });

  it('does not mind a ComfyUI, or our own page, on a port', () => {
    for (const owner of ['comfyui', 'ensemble'] as const) {
      expect(wrongWith({ ports: [{ port: 8188, purpose: 'p', taken: true, owner }] })).toEqual([]);
    }
  });

  it('sees who listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await isPortTaken(port)).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await isPortTaken(port)).toBe(false);
  });
});
