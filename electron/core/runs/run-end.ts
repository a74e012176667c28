import type { NoticeLevel } from '../../../shared/model.ts';
import type { PlanKind, RunStatus, ShardStatus } from '../../../shared/runs.ts';

/** How a run ended, in one place. Pure. */

export interface RunFacts {
  readonly cancelled: boolean;
  readonly stage1: readonly { readonly status: ShardStatus; readonly error: string | null }[];
  /** null when there is none. */
  readonly stage2: { readonly status: ShardStatus; readonly error: string | null } | null;
}

export interface RunEnd {
  readonly status: Extract<RunStatus, 'done' | 'partial' | 'failed' | 'cancelled'>;
  readonly error: string | null;
}

export function endOf({ cancelled, stage1, stage2 }: RunFacts): RunEnd {
  const error = [...stage1, ...(stage2 === null ? [] : [stage2])].find((one) => one.error !== null)?.error;
  if (cancelled) return { status: 'cancelled', error: null };
  const done = stage1.filter(({ status }) => status === 'done').length;
  if (done === 0) return { status: 'failed', error: error ?? 'No shard could be computed.' };
  const whole = done === stage1.length && (stage2 === null || stage2.status === 'done');
  return whole ? { status: 'done', error: null } : { status: 'partial', error: error ?? null };
}

/** Whether the second pass has what it needs: pictures can be fewer than they were to be, tiles of one picture cannot. */
export function isGatheredFor(
  { kind, secondStage }: { readonly kind: PlanKind; readonly secondStage: object | null },
  stage1: readonly { readonly status: ShardStatus }[],
): boolean {
  if (secondStage === null) return false;
  const isDone = ({ status }: { readonly status: ShardStatus }): boolean => status === 'done';
  return kind === 'tiles' ? stage1.every(isDone) : stage1.some(isDone);
}

export interface EndNotice {
  readonly level: NoticeLevel;
  readonly title: string;
  readonly detail: string | null;
}

/** null for a run that a person ended: they know. */
export function noticeOf(name: string, end: RunEnd, files: number, of: string): EndNotice | null {
  const count = files === 1 ? '1 file' : `${files} files`;
  switch (end.status) {
    case 'done':
      return { level: 'success', title: `${name} is done`, detail: `${count} came home.` };
    case 'partial':
      return { level: 'warning', title: `${name} is done in part (${of})`, detail: end.error };
    case 'failed':
      return { level: 'error', title: `${name} failed`, detail: end.error };
    default:
      return null;
  }
}
