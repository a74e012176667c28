import { describe, expect, it } from 'vitest';
import { noticeOf } from '../../../electron/core/fleet/process-notices.ts';
import type { FailureReport, ProcessState } from '../../../shared/lifecycle.ts';

const failure: FailureReport = {
  cause: 'out-of-ram',
  summary: 'The system ended it because memory ran out.',
  remedy: 'Close other programs.',
  exitCode: null,
  signal: 'SIGKILL',
  lastLines: [],
  at: 0,
};
const stopped: ProcessState = { status: 'stopped', since: 0 };
const ready = (bootMs: number | null): ProcessState => ({
  status: 'ready',
  since: 0,
  generation: 1,
  pid: 1,
  bootMs,
});
const starting = (attempt: number): ProcessState => ({
  status: 'starting',
  since: 0,
  generation: 1,
  pid: 1,
  step: { label: 'Starting', fraction: 0 },
  attempt,
});

describe('noticeOf', () => {
  it('tells deaths with cause and remedy', () => {
    expect(noticeOf('Worker 1', ready(1), { status: 'failed', since: 0, failure, restarts: 5 })).toEqual({
      level: 'error',
      title: 'Worker 1 failed',
      detail: 'The system ended it because memory ran out. Close other programs.',
    });
  });

  it('tells a recovery, but not an ordinary start', () => {
    expect(noticeOf('Worker 1', starting(2), ready(900))?.title).toBe('Worker 1 is back');
    expect(noticeOf('Worker 1', starting(1), ready(900))).toBeNull();
    expect(noticeOf('Worker 1', stopped, ready(null))?.title).toBe('Worker 1 was still running');
  });

  it('stays silent while nothing changes but the step', () => {
    expect(noticeOf('Worker 1', starting(1), starting(1))).toBeNull();
    expect(noticeOf('Worker 1', ready(1), stopped)).toBeNull();
  });
});
