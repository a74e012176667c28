import type { InstanceSnapshot, WorkerType } from '../../shared/model.ts';

export interface WorkersOfType {
  readonly type: WorkerType;
  readonly title: string;
  /** Of the heading's element. */
  readonly headingId: string;
  readonly workers: readonly InstanceSnapshot[];
}

const TITLES: Readonly<Record<WorkerType, string>> = { local: 'Local', remote: 'Remote', cloud: 'Cloud' };
const TYPES = ['local', 'remote', 'cloud'] as const satisfies readonly WorkerType[];

/** Groups with somebody in them, in the order in which they are shown. */
export function workersByType(workers: readonly InstanceSnapshot[]): readonly WorkersOfType[] {
  return TYPES.map((type) => ({
    type,
    title: TITLES[type],
    headingId: `${type}-workers`,
    workers: workers.filter((worker) => worker.type === type),
  })).filter((group) => group.workers.length > 0);
}
