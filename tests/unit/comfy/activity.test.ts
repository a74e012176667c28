import { describe, expect, it } from 'vitest';
import {
  afterMessage,
  IDLE_UNKNOWN,
  type WorkState,
  withQueue,
} from '../../../electron/core/comfy/activity.ts';
import { fullJitter } from '../../../electron/core/comfy/backoff.ts';
import { afterAnswer, afterFailure, lossesAt } from '../../../electron/core/comfy/link.ts';
import { type ComfyMessage, parseMessage } from '../../../electron/core/comfy/messages.ts';
import { progressOf } from '../../../electron/core/comfy/run-progress.ts';
import { EnsembleError } from '../../../shared/errors.ts';

const KNOWN = new Map([
  [
    'p',
    {
      '1': { class_type: 'KSampler', inputs: {} },
      '2': { class_type: 'X', inputs: {}, _meta: { title: 'Save it' } },
    },
  ],
]);

function message(type: string, data: unknown): ComfyMessage {
  const parsed = parseMessage(JSON.stringify({ type, data }));
  if (parsed === null) throw new Error(`not a message: ${type}`);
  return parsed;
}

function step(state: WorkState, type: string, data: unknown, now = 1_000): WorkState {
  return afterMessage(state, message(type, data), KNOWN, now);
}

describe('activity', () => {
  it('follows a prompt of ours from its start to its end', () => {
    let state = step(IDLE_UNKNOWN, 'status', { status: { exec_info: { queue_remaining: 1 } } });
    expect(state).toMatchObject({ queue: 1, activity: null });
    state = step(state, 'execution_start', { prompt_id: 'p' });
    expect(state.activity).toMatchObject({ promptId: 'p', node: null, ours: true });
    state = step(state, 'executing', { node: '1', prompt_id: 'p' });
    expect(state.activity).toMatchObject({ node: '1', nodeTitle: 'KSampler', step: null });
    state = step(state, 'progress', { value: 3, max: 20, prompt_id: 'p', node: '1' });
    expect(state.activity).toMatchObject({ nodeTitle: 'KSampler', step: 3, steps: 20 });
    state = step(state, 'executing', { node: '2', prompt_id: 'p' });
    expect(state.activity).toMatchObject({ nodeTitle: 'Save it', step: null, steps: null });
    state = step(state, 'execution_success', { prompt_id: 'p' });
    expect(state.activity).not.toBeNull();
    state = step(state, 'executing', { node: null, prompt_id: 'p' }, 5_000);
    expect(state).toMatchObject({ activity: null, lastRunAt: 5_000 });
  });

  it("shows somebody else's prompt without a title", () => {
    const state = step(IDLE_UNKNOWN, 'progress', { value: 1, max: 4, prompt_id: 'other', node: '9' });
    expect(state.activity).toMatchObject({
      promptId: 'other',
      node: '9',
      nodeTitle: null,
      ours: false,
      steps: 4,
    });
  });

  it('reads the running node out of progress_state', () => {
    const state = step(IDLE_UNKNOWN, 'progress_state', {
      prompt_id: 'p',
      nodes: { '2': { value: 1, max: 1, state: 'finished' }, '1': { value: 5, max: 8, state: 'running' } },
    });
    expect(state.activity).toMatchObject({ node: '1', step: 5, steps: 8, ours: true });
  });

  it('takes an empty queue for the end, whatever was missed', () => {
    const busy = step(withQueue(IDLE_UNKNOWN, 2, 0), 'executing', { node: '1', prompt_id: 'p' });
    expect(withQueue(busy, 0, 7_000)).toEqual({ queue: 0, activity: null, lastRunAt: 7_000 });
    expect(withQueue(IDLE_UNKNOWN, 0, 7_000).lastRunAt).toBeNull();
  });

  it('ends with an error or an interruption', () => {
    const busy = step(IDLE_UNKNOWN, 'executing', { node: '1', prompt_id: 'p' });
    expect(step(busy, 'execution_error', { prompt_id: 'p', exception_message: 'x' }).activity).toBeNull();
    expect(step(busy, 'execution_interrupted', { prompt_id: 'p' }).activity).toBeNull();
  });
});

describe('progress of a run', () => {
  it('counts nodes until one reports steps of its own', () => {
    const state = (nodes: unknown): ComfyMessage => message('progress_state', { prompt_id: 'p', nodes });
    expect(progressOf(state({ '1': { value: 1, max: 1, state: 'finished' } }), 'p', 2)).toEqual({
      step: 1,
      steps: 2,
    });
    expect(progressOf(state({ '1': { value: 2, max: 9, state: 'running' } }), 'p', 2)).toEqual({
      step: 2,
      steps: 9,
    });
    expect(progressOf(state({}), 'q', 2)).toBeNull();
  });
});

describe('link', () => {
  const up = { status: 'up', since: 1, latencyMs: 10 } as const;
  const late = new EnsembleError('timeout', 'No answer.');
  const gone = new EnsembleError('disconnected', 'Nothing answers at x:1.');

  it('forgives one late answer but not a second', () => {
    expect(afterFailure(up, late, 1, 50)).toBe(up);
    expect(afterFailure(up, late, 2, 50)).toEqual({ status: 'down', since: 50, reason: 'No answer' });
  });

  it('believes at once that nobody listens, and remembers since when', () => {
    const down = afterFailure(up, gone, 1, 50);
    expect(down).toEqual({ status: 'down', since: 50, reason: 'Nothing answers at x:1' });
    expect(afterFailure(down, gone, 2, 99)).toEqual(down);
  });

  it('is no news when the latency only trembles or the clock was set back', () => {
    expect(afterAnswer(up, 14, 60)).toBe(up);
    expect(afterAnswer(up, -3_600_000, 60)).toBe(up);
    expect(afterAnswer(up, 300, 60)).toEqual({ ...up, latencyMs: 300 });
    expect(afterAnswer({ status: 'unknown' }, 5, 60)).toEqual({ status: 'up', since: 60, latencyMs: 5 });
  });

  it('counts losses from the third on, each for five minutes, whatever the clock does', () => {
    const seldom = afterAnswer(up, 10, 60, [1, 2]);
    expect(seldom).toBe(up);
    const often = afterAnswer(up, 10, 60, [1, 2, 3]);
    expect(often).toEqual({ ...up, losses: 3 });
    expect(afterAnswer(often, 10, 60, [1, 2, 3])).toBe(often);
    expect(afterAnswer(often, 10, 60, [])).toEqual(up);
    expect(lossesAt([0, 100_000, 299_999], 300_000)).toEqual([100_000, 299_999]);
    expect(lossesAt([3_600_000], 0)).toEqual([]);
  });
});

describe('backoff', () => {
  it('doubles up to its cap and never overflows', () => {
    const most = (attempt: number): number => fullJitter(attempt, { baseMs: 500, capMs: 10_000 }, () => 1);
    expect([0, 1, 2, 10, 5_000].map(most)).toEqual([500, 1_000, 2_000, 10_000, 10_000]);
    expect(fullJitter(3, { baseMs: 500, capMs: 10_000 }, () => 0)).toBe(0);
  });
});
