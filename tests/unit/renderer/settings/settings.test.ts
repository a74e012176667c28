import { describe, expect, it } from 'vitest';
import { reportText, summaryOf, worstFirst } from '../../../../renderer/settings/doctor-report.ts';
import { readNumber } from '../../../../renderer/settings/read-number.ts';
import type { DoctorFinding } from '../../../../shared/contract.ts';

const findings: readonly DoctorFinding[] = [
  { topic: 'gpus', level: 'ok', text: 'Two GPUs.', hint: null },
  { topic: 'ports', level: 'warning', text: 'Port 8189 is taken.', hint: 'Choose another.' },
  { topic: 'comfyui', level: 'problem', text: 'No ComfyUI.', hint: 'Pick its folder.' },
  { topic: 'disk', level: 'warning', text: 'Little room.', hint: null },
];

describe('doctor report', () => {
  it('puts the worst first and keeps the order within a level', () => {
    expect(worstFirst(findings).map(({ topic }) => topic)).toEqual(['comfyui', 'ports', 'disk', 'gpus']);
  });

  it('sums up in words', () => {
    expect(summaryOf(findings)).toBe('1 problem and 2 warnings found.');
    expect(summaryOf(findings.slice(0, 1))).toBe('All is well.');
  });

  it('is plain text, one finding a line', () => {
    const text = reportText({ at: 0, findings }, null);
    expect(text.split('\n')).toEqual([
      '1970-01-01T00:00:00.000Z',
      '[problem] ComfyUI: No ComfyUI. Pick its folder.',
      '[warning] Ports: Port 8189 is taken. Choose another.',
      '[warning] Disk: Little room.',
      '[ok] GPUs: Two GPUs.',
    ]);
  });
});

describe('readNumber', () => {
  it('takes whole numbers within bounds', () => {
    expect(readNumber(' 600 ', 5, 86_400)).toEqual({ value: 600, problem: null });
    expect(readNumber('5', 5, 86_400).value).toBe(5);
  });

  it.each(['', 'abc', '4', '86401', '7.5', '1e3', '-9'])('refuses “%s”', (text) => {
    const reading = readNumber(text, 5, 86_400);
    expect(reading.value).toBeNull();
    expect(reading.problem).toContain('5 to 86,400');
  });
});
