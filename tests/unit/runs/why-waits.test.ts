import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NamedSkip, whyItWaits } from '../../../electron/core/runs/why-waits.ts';

const skip = (name: string, kind: NamedSkip['kind'], reason = 'Computes something else.'): NamedSkip => ({
  name,
  kind,
  reason,
});
const LACKS = 'Has no model x.safetensors.';

describe('why a run waits', () => {
  it.each<[string, readonly NamedSkip[], number, string]>([
    ['one is busy', [skip('Master', 'busy')], 0, 'Waits for Master, which computes something else.'],
    [
      'one is busy, the others lack something',
      [skip('Master', 'barred', LACKS), skip('Worker 1', 'barred', LACKS), skip('Worker 2', 'busy')],
      0,
      'Waits for Worker 2, which computes something else (Master, Worker 1: has no model x.safetensors).',
    ],
    [
      'all are busy, and somebody was first',
      [skip('Master', 'busy'), skip('Worker 1', 'busy'), skip('Worker 2', 'apart')],
      1,
      'All 2 that can take it are busy, and an earlier run goes first.',
    ],
    [
      'nobody can',
      [
        skip('Master', 'barred', LACKS),
        skip('Worker 1', 'unusable', 'Stopped'),
        skip('Worker 2', 'unusable', 'Stopped'),
      ],
      2,
      'Nobody can take it now (Master: has no model x.safetensors; Worker 1, Worker 2: stopped).',
    ],
    [
      'a slow one is left out',
      [
        skip('Master', 'busy'),
        skip('Worker 1', 'held', 'Would have to load the model; others that have it loaded are done sooner.'),
      ],
      0,
      'Worker 1 is free, but would have to load the model; others that have it loaded are done sooner.',
    ],
    [
      'a second pass waits for the master alone',
      [skip('Master', 'busy'), skip('Worker 1', 'aside')],
      0,
      'Waits for Master, which computes something else.',
    ],
    ['other work goes first', [skip('Master', 'behind')], 3, 'Other waiting work goes first.'],
    ['they left', [skip('Master', 'apart')], 0, 'Nobody who takes part is there now.'],
  ])('%s', (_name, skipped, ahead, sentence) => {
    expect(whyItWaits({ paused: false, ahead, skipped })).toBe(sentence);
  });

  it('is the pause before all else', () => {
    const skipped = [skip('Master', 'busy')];
    expect(whyItWaits({ paused: true, ahead: 2, skipped })).toBe('The queue is paused.');
  });

  it('stays one short sentence, however large the fleet is', () => {
    const kind = fc.constantFrom<NamedSkip['kind']>(
      'apart',
      'barred',
      'unusable',
      'avoided',
      'aside',
      'busy',
    );
    const one = fc.record({
      name: fc.stringMatching(/^[A-Z][a-z]{1,8}$/),
      kind,
      reason: fc.stringMatching(/^[A-Z][a-z ]{1,30}\.$/),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 500 }), fc.nat(30), (skipped, ahead) => {
        const sentence = whyItWaits({ paused: false, ahead, skipped });
        expect(sentence).toMatch(/^[A-Z].*\.$/);
        expect(sentence).not.toContain('..');
        expect(sentence.length).toBeLessThan(400);
      }),
    );
  });
});
