import type { Job } from './job.ts';

/** ComfyUI's own order: by number, then by id. */
export function inQueueOrder(jobs: readonly Job[]): readonly Job[] {
  return [...jobs].sort(
    ({ record: a }, { record: b }) => a.number - b.number || (a.promptId < b.promptId ? -1 : 1),
  );
}
