import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Job } from '../../../electron/core/gateway/jobs/job.ts';
import type { JobMessage } from '../../../electron/core/gateway/jobs/job-types.ts';
import { Canvas } from '../../../electron/core/gateway/sockets/canvas.ts';

function jobOf(promptId: string): Job {
  return new Job({
    ...{ runId: `run-${promptId}`, promptId, number: 0, clientId: 'c', caller: '', createdAt: 0 },
    ...{ prompt: '{"1":{"class_type":"A"}}', extraData: '{}', outputs: '[]' },
  });
}

function begin(canvas: Canvas, job: Job): void {
  job.startedAt = 1;
  job.messages.push(['execution_start', { prompt_id: job.promptId, timestamp: 1 }]);
  canvas.started(job);
}

const last = (job: Job): readonly JobMessage[] => [
  ['execution_success', { prompt_id: job.promptId }],
  ['executing', { node: null, prompt_id: job.promptId }],
];
const step = (job: Job): JobMessage => ['progress', { prompt_id: job.promptId }];

describe('the canvas of a client', () => {
  it('shows the first, then the next, with what it said meanwhile', () => {
    const sent: JobMessage[] = [];
    const canvas = new Canvas((message) => sent.push(message));
    const [a, b] = [jobOf('a'), jobOf('b')];
    begin(canvas, a);
    begin(canvas, b);
    canvas.tell(b, step(b));
    canvas.tell(a, step(a));
    const executing: JobMessage = ['executing', { node: '1', prompt_id: 'b' }];
    b.leader = { attemptId: 'x', outputs: [], started: true, executing, progress: null };
    canvas.ended(a, last(a));
    expect(sent.map(([type, data]) => `${type} ${String(data['prompt_id'])}`)).toEqual([
      ...['execution_start a', 'progress a', 'execution_success a', 'executing a'],
      ...['execution_start b', 'executing b'],
    ]);
    canvas.ended(b, last(b));
    expect(canvas.isIdle).toBe(true);
  });

  it('turns back after the end of one that was not shown', () => {
    const sent: JobMessage[] = [];
    const canvas = new Canvas((message) => sent.push(message));
    const [a, b] = [jobOf('a'), jobOf('b')];
    begin(canvas, a);
    begin(canvas, b);
    canvas.ended(b, last(b));
    expect(sent.map(([type, data]) => `${type} ${String(data['prompt_id'])}`)).toEqual([
      ...[
        'execution_start a',
        'execution_start b',
        'execution_success b',
        'executing b',
        'execution_start a',
      ],
    ]);
  });

  it('never tells progress of another job than the one that was announced last, and every end once', () => {
    const event = fc.record({ kind: fc.constantFrom('start', 'step', 'end'), job: fc.nat(4) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const sent: JobMessage[] = [];
        const canvas = new Canvas((message) => sent.push(message));
        const jobs = ['a', 'b', 'c', 'd', 'e'].map(jobOf);
        const state = new Map<Job, 'running' | 'over'>();
        for (const { kind, job: index } of events) {
          const job = jobs[index] ?? jobOf('x');
          if (kind === 'start' && !state.has(job)) {
            state.set(job, 'running');
            begin(canvas, job);
          }
          if (kind === 'step' && state.get(job) === 'running') canvas.tell(job, step(job));
          if (kind === 'end' && state.get(job) === 'running') {
            state.set(job, 'over');
            canvas.ended(job, last(job));
          }
        }
        let shown: unknown = null;
        for (const [type, data] of sent) {
          if (type === 'execution_start') shown = data['prompt_id'];
          if (type === 'progress') expect(data['prompt_id']).toBe(shown);
          if (type === 'executing') shown = null;
        }
        for (const [job, was] of state) {
          const ends = sent.filter(
            ([type, data]) => type === 'executing' && data['prompt_id'] === job.promptId,
          );
          expect(ends).toHaveLength(was === 'over' ? 1 : 0);
        }
        // Something that runs is always shown.
        const running = [...state.values()].includes('running');
        if (running) expect(shown).not.toBeNull();
      }),
    );
  });
});
