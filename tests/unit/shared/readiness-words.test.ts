import { describe, expect, it } from 'vitest';
import { measuredFacts } from '../../../renderer/readiness/measured-words.ts';
import { ladderWords, ratesWords, rungState, versionRisk } from '../../../shared/readiness-words.ts';
import { NOTHING_MEASURED, type Readiness, type RungState } from '../../../shared/remote.ts';

const passed: RungState = { status: 'passed', detail: 'yes' };
const waiting: RungState = { status: 'waiting' };
const failed: RungState = { status: 'failed', detail: 'no', remedy: null, command: null, certificate: null };
const ladder = (models: RungState, files: RungState, done = true): Readiness => ({
  at: 0,
  done,
  rungs: { reachable: passed, comfyui: passed, nodes: passed, models, files },
  measured: NOTHING_MEASURED,
});

describe('the ladder in words', () => {
  it('names the rung that fails, or how far it is', () => {
    expect(ladderWords(ladder(passed, passed))).toEqual({ word: 'All 5 rungs hold', tone: 'ok' });
    expect(ladderWords(ladder(failed, waiting)).word).toBe('Fails at “Models”');
    expect(ladderWords(ladder({ status: 'checking' }, waiting, false)).word).toBe('Testing: 3 of 5 passed');
    const noted: RungState = { status: 'warning', detail: 'old', remedy: null };
    expect(ladderWords(ladder(noted, passed)).tone).toBe('warning');
  });

  it('tells what is still to come from what was not tried', () => {
    expect(rungState(ladder(failed, waiting), 'files').word).toBe('Not tried');
    expect(rungState(ladder(passed, waiting, false), 'files').word).toBe('Waiting');
  });
});

describe('versionRisk', () => {
  it.each([
    ['0.33.0', '0.33.0', false],
    ['0.33.1', '0.33.0', false],
    ['v0.33.1-rc1', '0.33.0', false],
    ['0.3.64', '0.33.0', true],
    ['1.0', '0.33.0', true],
    [null, '0.33.0', false],
    ['0.3.64', null, false],
    ['nightly', '0.33.0', false],
  ])('of %s beside %s: %s', (worker, master, risky) => {
    expect(versionRisk(worker, master) !== null).toBe(risky);
  });
});

describe('what was measured', () => {
  const rates = (uploadRate: number | null, downloadRate: number | null): string | null =>
    ratesWords({ ...NOTHING_MEASURED, uploadRate, downloadRate });
  it('has one unit for both ways', () => {
    expect(rates(94_000_000, 101_000_000)).toBe('94 / 101 MB/s');
    expect(rates(940_000, 12_000_000)).toBe('0.9 / 12 MB/s');
    expect(rates(3000, 250_000)).toBe('3.0 / 250 kB/s');
    expect(rates(null, 5_000_000)).toBe('– / 5.0 MB/s');
    expect(rates(null, null)).toBeNull();
  });

  it('leaves out what is not known', () => {
    expect(measuredFacts(NOTHING_MEASURED)).toEqual([]);
    const some = { ...NOTHING_MEASURED, latencyMs: 0.4, vramTotal: 24 * 2 ** 30 };
    expect(measuredFacts(some).map(({ text }) => text)).toEqual(['< 1 ms', '24 GB']);
  });
});
