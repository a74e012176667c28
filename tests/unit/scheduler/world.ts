import type { Decision, Work, WorkerView } from '../../../electron/core/scheduler/scheduler-types.ts';

export const ALL: readonly string[] = ['w0', 'w1', 'w2'];

export function work(index: number, change: Partial<Work> = {}): Work {
  const base = {
    runId: 'run',
    order: index,
    workflow: 'flow',
    units: 1,
    model: null,
    eligible: ALL,
    preferred: null,
    inputs: [],
  };
  return { id: `${change.runId ?? 'run'}/${index}`, ...base, ...change };
}

export function works(count: number, change: Partial<Work> = {}): readonly Work[] {
  return Array.from({ length: count }, (_, index) => work(index, change));
}

export function view(id: string, change: Partial<WorkerView> = {}): WorkerView {
  return { id, usable: true, paid: false, foreignQueue: 0, uploadRate: null, downloadRate: null, ...change };
}

export function speed(instanceId: string, secondsPerUnit: number, workflow = 'flow') {
  return { instanceId, workflow, secondsPerUnit, samples: 5, updatedAt: 0 };
}

/** "work>worker", with "+" when queued behind something and "*" for a backup; "work<worker" when taken back. */
export function brief(decisions: readonly Decision[]): readonly string[] {
  return decisions.map((decision) => {
    if (decision.kind === 'revoke') return `${decision.work}<${decision.worker}`;
    return `${decision.work}>${decision.worker}${decision.ahead ? '+' : ''}${decision.backup ? '*' : ''}`;
  });
}
