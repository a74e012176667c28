import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shellText } from '../../../../renderer/worker-dialog/shell-text.ts';
import {
  BY_HAND,
  CPU,
  deviceOptions,
  formOf,
  otherProblems,
  problemOf,
  readForm,
} from '../../../../renderer/worker-dialog/worker-form.ts';
import type { GpuInfo, InstanceSnapshot } from '../../../../shared/model.ts';

const gpu = (index: number): GpuInfo => ({
  uuid: `GPU-${index}`,
  index,
  pciBusId: `0${index}`,
  name: 'RTX 4090',
  memoryTotal: 24 * 1024 ** 3,
  driver: '570',
  mig: false,
  health: index === 2 ? 'lost' : 'ok',
  simulated: false,
});
const gpus = [gpu(0), gpu(1), gpu(2)];
const instance = (id: string, gpuUuid: string): InstanceSnapshot =>
  ({ id, name: id, gpuUuid }) as InstanceSnapshot;
const draft = { name: 'Worker 1', port: 8189, device: 'GPU-1', extraArgs: '--lowvram' };

describe('formOf and readForm', () => {
  it('give back what they were given', () => {
    const devices = fc.constantFrom('GPU-0', 'GPU-1', 'cpu', '0,1', 'MIG-7', 'GPU-unknown');
    fc.assert(
      fc.property(devices, fc.integer({ min: 1, max: 65_535 }), fc.string(), (device, port, extraArgs) => {
        const given = { name: 'Worker', port, device, extraArgs };
        expect(readForm(formOf(given, gpus))).toEqual({ draft: given, problems: [] });
      }),
    );
  });

  it('picks the GPU that an imported index means', () => {
    expect(formOf({ ...draft, device: '1' }, gpus).choice).toBe('GPU-1');
    expect(formOf({ ...draft, device: 'cpu' }, gpus).choice).toBe(CPU);
    expect(formOf({ ...draft, device: '7' }, gpus)).toMatchObject({ choice: BY_HAND, deviceByHand: '7' });
  });

  it.each(['', 'abc', '0', '65536', '80.5', '-1', '1e3'])('refuses the port “%s”', (port) => {
    const reading = readForm({ ...formOf(draft, gpus), port });
    expect(reading.draft).toBeNull();
    expect(reading.problems.map(({ field }) => field)).toEqual(['port']);
  });

  it('asks for a name and a device', () => {
    const form = { ...formOf(draft, gpus), name: '  ', choice: BY_HAND, deviceByHand: ' ' };
    expect(readForm(form).problems.map(({ field }) => field)).toEqual(['name', 'device']);
  });
});

describe('deviceOptions', () => {
  it('tells who uses which GPU, but not oneself', () => {
    const instances = [instance('Master', 'GPU-0'), instance('Worker 1', 'GPU-1')];
    const labels = deviceOptions(gpus, instances, 'Worker 1').map(({ label }) => label);
    expect(labels[0]).toContain('used by Master');
    expect(labels[0]).toContain('24 GB');
    expect(labels[1]).toContain('free');
    expect(labels[2]).toContain('lost');
    expect(labels.slice(3)).toEqual(['CPU (slow)', 'Another device, by hand…']);
  });
});

describe('problemOf', () => {
  it('takes the first list that knows, and either way of naming a field', () => {
    const first = [{ field: 'port', message: 'Not a port.' }];
    const second = [
      { field: 'port', message: 'Taken.' },
      { field: 'draft.extraArgs', message: 'Unknown flag.' },
      { field: 'program', message: 'No ComfyUI.' },
    ];
    expect(problemOf('port', first, second)).toBe('Not a port.');
    expect(problemOf('extraArgs', first, second)).toBe('Unknown flag.');
    expect(problemOf('name', first, second)).toBeNull();
    expect(otherProblems(second).map(({ message }) => message)).toEqual(['No ComfyUI.']);
  });
});

describe('shellText', () => {
  it('can be pasted into sh', () => {
    expect(shellText(['python', 'main.py', '--x', "it's"], { CUDA_VISIBLE_DEVICES: 'GPU-1' }, 'linux')).toBe(
      "CUDA_VISIBLE_DEVICES=GPU-1 python main.py --x 'it'\\''s'",
    );
    expect(shellText(['a b', ''], {}, 'darwin')).toBe("'a b' ''");
  });

  it('can be pasted into PowerShell', () => {
    expect(shellText(['C:\\My ComfyUI\\python.exe', 'main.py'], { A: '1' }, 'win32')).toBe(
      "$env:A='1'; & 'C:\\My ComfyUI\\python.exe' main.py",
    );
  });
});
