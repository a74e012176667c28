import { describe, expect, it } from 'vitest';
import { conditionOf, fleetPulse, isUsable, masterMode, modeBadge } from '../../../shared/condition.ts';
import type { FailureReport } from '../../../shared/lifecycle.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const failure: FailureReport = {
  cause: 'out-of-vram',
  summary: 'Ran out of GPU memory.',
  remedy: null,
  exitCode: 1,
  signal: null,
  lastLines: [],
  at: 0,
};

describe('conditionOf', () => {
  it('words every state as the card shows it', () => {
    const word = (change: Parameters<typeof instanceSnapshot>[0]): string =>
      conditionOf(instanceSnapshot(change), 10_000).word;
    expect(word({})).toBe('Ready');
    expect(word({ queue: 2 })).toBe('Busy (2 queued)');
    expect(word({ process: { status: 'stopped', since: 0 } })).toBe('Stopped');
    expect(word({ process: { status: 'backing-off', since: 0, until: 13_200, attempt: 2, failure } })).toBe(
      'Restarting in 4 s (attempt 2)',
    );
    expect(word({ process: { status: 'failed', since: 0, failure, restarts: 5 } })).toBe(
      'Failed: Ran out of GPU memory.',
    );
    expect(
      word({ control: 'attached', link: { status: 'down', since: 0, reason: 'connection refused' } }),
    ).toBe('Unreachable: connection refused');
  });

  it('never offers to stop a server that is not ours', () => {
    const { actions } = conditionOf(instanceSnapshot({ control: 'attached' }), 0);
    expect(actions).not.toContain('stop');
    expect(actions).toContain('test-picture');
  });
});

describe('the mode', () => {
  const stopped = instanceSnapshot({ process: { status: 'stopped', since: 0 } });

  it('is the toggle, and fallback only while no selected worker is usable', () => {
    expect(masterMode(true, [])).toBe('participating');
    expect(masterMode(false, [instanceSnapshot()])).toBe('orchestrator-only');
    expect(masterMode(false, [stopped])).toBe('fallback');
    expect(masterMode(false, [instanceSnapshot({ selected: false })])).toBe('fallback');
  });

  it('has the texts that users of the plugin know', () => {
    expect(modeBadge('participating').text).toBe('Master participating in workflows');
    expect(modeBadge('orchestrator-only').text).toBe('Master disabled: running as orchestrator only');
    expect(modeBadge('fallback').text).toBe('Master fallback execution active');
  });

  it('does not count a server as usable whose HTTP is dead', () => {
    expect(isUsable(instanceSnapshot({ link: { status: 'down', since: 0, reason: 'timeout' } }))).toBe(false);
    expect(fleetPulse({ instances: [instanceSnapshot({ queue: 3 }), stopped] })).toEqual({
      ready: 1,
      total: 2,
      queued: 3,
    });
  });
});
