import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainFailure } from '../../../electron/core/gpu/failure.ts';
import { queryInventory } from '../../../electron/core/gpu/inventory-query.ts';
import { usualSmiPlaces } from '../../../electron/core/gpu/locate.ts';
import {
  parseComputeProcesses,
  parseInventory,
  parseLost,
  parseMigList,
  parseTelemetryRow,
  sameBusId,
} from '../../../electron/core/gpu/nvidia-smi.ts';
import type { CommandResult, RunCommand } from '../../../electron/core/programs/run-command.ts';
import type { GpuInfo } from '../../../shared/model.ts';

const MIB = 1024 * 1024;
const A = 'GPU-aaaaaaaa-0000-0000-0000-000000000000';
const B = 'GPU-bbbbbbbb-0000-0000-0000-000000000000';
const ROW_A = `0, ${A}, 00000000:01:00.0, 24564, 550.54.15, [N/A], NVIDIA GeForce RTX 4090`;
const ROW_B = `1, ${B}, 00000000:41:00.0, 24564, 550.54.15, [N/A], NVIDIA GeForce RTX 4090`;
const OK: CommandResult = { code: 0, stdout: '', stderr: '', timedOut: false, spawnError: null };
const SMI = { command: ['nvidia-smi'], environment: {}, simulated: false };

describe('the inventory table', { timeout: 60_000 }, () => {
  it('is read with Windows line ends, commas in names and unknown memory', () => {
    const rows = parseInventory(
      `${ROW_A}\r\n1, ${B}, 00000000:41:00.0, [N/A], 550.54.15, Enabled, Quadro, special, edition\r\n`,
      true,
    );
    expect(rows).toMatchObject([
      { index: 0, uuid: A, memoryTotal: 24564 * MIB, driver: '550.54.15', migEnabled: false },
      { index: 1, name: 'Quadro, special, edition', memoryTotal: 0, migEnabled: true },
    ]);
  });

  it('skips whatever is no row, and never throws', () => {
    expect(parseInventory(`WARNING: infoROM is corrupted\n${ROW_A}\n[GPU is lost]\n\n`, true)).toHaveLength(
      1,
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseInventory(text, true);
        parseMigList(text);
        parseLost(text);
        parseComputeProcesses(text);
        parseTelemetryRow(text);
      }),
    );
  });
});

describe('telemetry rows', () => {
  it('gives bytes, shares and watts', () => {
    expect(parseTelemetryRow(`${A}, 1024, 37, 55, 123.45, 450.00\r`)).toEqual({
      uuid: A,
      memoryUsed: 1024 * MIB,
      utilization: 0.37,
      temperature: 55,
      power: 123.45,
      powerLimit: 450,
    });
  });

  it.each([
    '[N/A]',
    '[Not Supported]',
    '[Unknown Error]',
    '[GPU is lost]',
    'N/A',
    '[GPU requires reset]',
    '',
  ])('reads %s as unknown', (word) => {
    expect(parseTelemetryRow(`${A}, ${Array(5).fill(word).join(', ')}`)).toEqual({
      uuid: A,
      memoryUsed: null,
      utilization: null,
      temperature: null,
      power: null,
      powerLimit: null,
    });
  });

  it.each(['', 'rubbish', `${A}, 1`, `0, 1, 2, 3, 4, 5`, `${A}, 1, 2, 3, 4, 5, 6`])('refuses %j', (line) => {
    expect(parseTelemetryRow(line)).toBeNull();
  });
});

it('reads MIG instances below their GPU', () => {
  const list = `GPU 0: NVIDIA A100-SXM4-40GB (UUID: ${A})
  MIG 3g.20gb     Device  0: (UUID: MIG-1111)
  MIG 1g.5gb+me   Device  1: (UUID: MIG-2222)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: ${B})
  MIG 7g.40gb     Device  0: (UUID: MIG-GPU-bbbb/1/0)\r\n`;
  expect(parseMigList(list)).toEqual([
    { parentUuid: A, uuid: 'MIG-1111', profile: '3g.20gb', memoryTotal: 20 * 1024 * MIB },
    { parentUuid: A, uuid: 'MIG-2222', profile: '1g.5gb+me', memoryTotal: 5 * 1024 * MIB },
    { parentUuid: B, uuid: 'MIG-GPU-bbbb/1/0', profile: '7g.40gb', memoryTotal: 40 * 1024 * MIB },
  ]);
});

it('reads compute processes, on several GPUs too', () => {
  const text = `12, ${A}\r\n12, ${B}\r\n13, ${A}\n[Insufficient Permissions], ${A}\nNo running processes found\n`;
  expect([...parseComputeProcesses(text)]).toEqual([
    [12, [A, B]],
    [13, [A]],
  ]);
});

it('recognises lost GPUs in every spelling', () => {
  const bus = '0000:41:00.0';
  for (const text of [
    `Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost.  Reboot the system to recover this GPU`,
    `Unable to determine the device handle for GPU0000:41:00.0: Unknown Error`,
    `Unable to determine the device handle for gpu 0000:41:00.0: Not Found`,
  ]) {
    expect(parseLost(text)).toMatchObject([{ pciBusId: bus }]);
  }
  expect(sameBusId(bus, '00000000:41:00.0')).toBe(true);
  expect(sameBusId(bus, '00000001:41:00.0')).toBe(false);
});

describe('the inventory query', () => {
  const known = async (): Promise<readonly GpuInfo[]> => {
    const result = await queryInventory(SMI, async () => ({ ...OK, stdout: `${ROW_A}\n${ROW_B}\n` }), []);
    return result.ok ? result.gpus : [];
  };

  it('asks again without MIG when the driver is too old for it', async () => {
    const run: RunCommand = async (_line, args) =>
      args.join(' ').includes('mig.mode')
        ? { ...OK, code: 2, stdout: 'Field "mig.mode.current" is not a valid field to query.\n' }
        : { ...OK, stdout: ROW_A.replace(' [N/A],', '') };
    expect(await queryInventory(SMI, run, [])).toMatchObject({
      ok: true,
      driver: '550.54.15',
      gpus: [{ uuid: A, name: 'NVIDIA GeForce RTX 4090', health: 'ok', mig: false }],
    });
  });

  it('puts MIG instances in the place of their GPU', async () => {
    const run: RunCommand = async (_line, args) =>
      args[0] === '-L'
        ? { ...OK, stdout: `GPU 0: A100 (UUID: ${A})\n  MIG 3g.20gb Device  0: (UUID: MIG-1)\n` }
        : { ...OK, stdout: `${ROW_A.replace('[N/A]', 'Enabled')}\n${ROW_B}` };
    const result = await queryInventory(SMI, run, []);
    expect(result).toMatchObject({
      ok: true,
      physical: [A, B],
      gpus: [{ uuid: 'MIG-1', mig: true, name: 'NVIDIA GeForce RTX 4090 MIG 3g.20gb' }, { uuid: B }],
    });
    expect(result.ok && result.parents.get('MIG-1')).toBe(A);
  });

  it('keeps a lost GPU in the list and asks for the others by name', async () => {
    const run: RunCommand = async (_line, args) =>
      args[0] === '--id=00000000:01:00.0'
        ? { ...OK, stdout: ROW_A }
        : {
            ...OK,
            code: 15,
            stdout: 'Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost.',
          };
    expect(await queryInventory(SMI, run, await known())).toMatchObject({
      ok: true,
      physical: [A],
      gpus: [
        { uuid: A, health: 'ok' },
        { uuid: B, health: 'lost' },
      ],
    });
  });

  it('lists a lost GPU that was never seen before', async () => {
    const stdout = `${ROW_A}\nUnable to determine the device handle for GPU 0000:41:00.0: Unknown Error`;
    expect(await queryInventory(SMI, async () => ({ ...OK, stdout }), [])).toMatchObject({
      gpus: [{ uuid: A }, { index: 1, health: 'lost', pciBusId: '0000:41:00.0' }],
    });
  });
});

it('explains every failure in its own words', () => {
  const sentences = [
    { spawnError: 'EACCES' },
    { timedOut: true, code: null },
    { stdout: 'No devices were found', code: 6 },
    { stdout: 'Failed to initialize NVML: Driver/library version mismatch', code: 18 },
    { stdout: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", code: 9 },
    { stdout: 'Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost.', code: 15 },
    { stdout: '\u0000\u001b[31m<html>rubbish</html>' },
    {},
  ].map((result) => explainFailure({ ...OK, ...result }));
  expect(new Set(sentences.map(({ message }) => message)).size).toBe(8);
  for (const { message, hint } of sentences) {
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(hint.length).toBeGreaterThan(10);
  }
});

it('looks in NVIDIA’s own places', () => {
  expect(usualSmiPlaces({ SystemRoot: 'D:\\Win', ProgramFiles: 'C:\\Program Files' }, 'win32')).toEqual([
    'D:\\Win\\System32\\nvidia-smi.exe',
    'C:\\Program Files\\NVIDIA Corporation\\NVSMI\\nvidia-smi.exe',
  ]);
  expect(usualSmiPlaces({}, 'linux')).toContain('/usr/lib/wsl/lib/nvidia-smi');
});
