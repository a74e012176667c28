import { isDisabled } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { formatAgo, formatDuration } from '../store/format.ts';

/** What an instance does now, for the middle of its card and its row in the list. */
export interface Doing {
  readonly title: string;
  readonly detail: string;
  /** 0..1; null = runs without a known end; undefined = no progress bar. */
  readonly share: number | null | undefined;
}

const STOP_WORDS = {
  interrupt: 'Asked it to stop',
  terminate: 'Asked it to end',
  kill: 'Ending it and all its processes',
} as const;

/** @param now ms since the epoch */
export function doingOf(instance: InstanceSnapshot, now: number): Doing {
  return instance.control === 'managed' ? managedDoing(instance, now) : attachedDoing(instance, now);
}

function managedDoing(instance: InstanceSnapshot, now: number): Doing {
  const state = instance.process;
  switch (state.status) {
    case 'stopped':
      return { title: 'Not running', detail: 'Launch it to use this device', share: undefined };
    case 'starting':
      return {
        title: state.step.label,
        detail: `${formatDuration(now - state.since)}${state.attempt > 1 ? ` · attempt ${state.attempt}` : ''}`,
        share: state.step.fraction,
      };
    case 'stopping':
      return { title: STOP_WORDS[state.stage], detail: formatDuration(now - state.since), share: null };
    case 'unresponsive':
      return { title: state.detail, detail: 'Its process lives, its server is silent', share: undefined };
    case 'backing-off':
    case 'failed':
      return { title: state.failure.summary, detail: state.failure.remedy ?? '', share: undefined };
    case 'ready':
      return workingDoing(instance, now);
  }
}

function attachedDoing(instance: InstanceSnapshot, now: number): Doing {
  if (isDisabled(instance)) {
    return { title: 'Takes no part', detail: 'It is not contacted until it is enabled', share: undefined };
  }
  if (instance.link.status === 'down') {
    return {
      title: instance.link.reason,
      detail: `since ${formatAgo(instance.link.since, now)}`,
      share: undefined,
    };
  }
  if (instance.link.status === 'unknown') {
    return { title: 'Looking for it', detail: instance.url, share: null };
  }
  return workingDoing(instance, now);
}

function workingDoing(instance: InstanceSnapshot, now: number): Doing {
  const { activity, picture } = instance;
  if (activity !== null) {
    const share = activity.step !== null && activity.steps ? activity.step / activity.steps : null;
    return {
      title: activity.nodeTitle ?? 'Preparing the workflow',
      detail:
        activity.step !== null && activity.steps ? `step ${activity.step} of ${activity.steps}` : 'working',
      share,
    };
  }
  if (picture?.status === 'queued') return { title: 'Test picture', detail: 'queued', share: null };
  if (picture?.status === 'failed' && (instance.lastRunAt === null || picture.at >= instance.lastRunAt)) {
    return { title: 'The test picture failed', detail: picture.error ?? '', share: undefined };
  }
  const detail =
    instance.lastRunAt === null ? 'No run yet' : `Last run ${formatAgo(instance.lastRunAt, now)}`;
  return { title: 'Idle', detail, share: undefined };
}
