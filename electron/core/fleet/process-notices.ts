import type { ProcessState } from '../../../shared/lifecycle.ts';
import type { NoticeLevel } from '../../../shared/model.ts';

export interface ProcessNotice {
  readonly level: NoticeLevel;
  readonly title: string;
  readonly detail: string | null;
}

/** Which transitions are worth telling a person who is not looking. */
export function noticeOf(name: string, before: ProcessState, after: ProcessState): ProcessNotice | null {
  if (before.status === after.status) return null;
  switch (after.status) {
    case 'failed':
      return { level: 'error', title: `${name} failed`, detail: sentences(after.failure) };
    case 'backing-off':
      return {
        level: 'warning',
        title: `${name} stopped by itself and is being restarted`,
        detail: sentences(after.failure),
      };
    case 'unresponsive':
      return { level: 'warning', title: `${name} does not respond`, detail: after.detail };
    case 'ready':
      return readyNotice(name, before, after.bootMs);
    default:
      return null;
  }
}

function readyNotice(name: string, before: ProcessState, bootMs: number | null): ProcessNotice | null {
  if (before.status === 'unresponsive') {
    return { level: 'success', title: `${name} responds again`, detail: null };
  }
  if (before.status === 'starting' && before.attempt > 1) {
    return { level: 'success', title: `${name} is back`, detail: `Restart ${before.attempt - 1} succeeded.` };
  }
  if (bootMs === null) {
    return { level: 'info', title: `${name} was still running`, detail: 'It was taken over as it is.' };
  }
  return null;
}

function sentences(failure: { readonly summary: string; readonly remedy: string | null }): string {
  return failure.remedy === null ? failure.summary : `${failure.summary} ${failure.remedy}`;
}
