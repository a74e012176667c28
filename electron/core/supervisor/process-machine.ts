import type { BootStep, FailureReport, ProcessState, StopStage } from '../../../shared/lifecycle.ts';
import { FIRST_STEP } from './boot-progress.ts';

/** What can happen to a managed process. `generation` names the spawn it happened to. */
export type ProcessEvent =
  | { readonly type: 'begun'; readonly generation: number; readonly attempt: number }
  | { readonly type: 'spawned'; readonly generation: number; readonly pid: number }
  | { readonly type: 'stepped'; readonly generation: number; readonly step: BootStep }
  | {
      readonly type: 'answered';
      readonly generation: number;
      readonly pid: number;
      readonly bootMs: number | null;
    }
  | { readonly type: 'silent'; readonly generation: number; readonly detail: string }
  | {
      readonly type: 'stopping';
      readonly generation: number;
      readonly pid: number;
      readonly stage: StopStage;
    }
  | { readonly type: 'stopped'; readonly generation: number }
  | {
      readonly type: 'crashed';
      readonly generation: number;
      readonly failure: FailureReport;
      readonly delayMs: number;
      readonly attempt: number;
    }
  | {
      readonly type: 'gave-up';
      readonly generation: number;
      readonly failure: FailureReport;
      readonly restarts: number;
    };

/**
 * The state after an event; the same object when the event is late (of another generation) or means nothing in this
 * state. Pure: every transition it makes is in TRANSITIONS.
 * @param now ms since the epoch
 */
export function nextState(state: ProcessState, event: ProcessEvent, now: number): ProcessState {
  if (event.type === 'begun') return begun(state, event, now);
  if ('generation' in state && state.generation !== event.generation) return state;
  switch (event.type) {
    case 'spawned':
      return state.status === 'starting' ? { ...state, pid: event.pid } : state;
    case 'stepped':
      return state.status === 'starting' ? { ...state, step: event.step } : state;
    case 'answered':
      return answered(state, event, now);
    case 'silent':
      return silent(state, event, now);
    case 'stopping':
      return stopping(state, event, now);
    case 'stopped':
      return state.status === 'stopped' || state.status === 'failed'
        ? state
        : { status: 'stopped', since: now };
    case 'crashed':
      return crashed(state, event, now);
    default:
      return gaveUp(state, event, now);
  }
}

type Of<T extends ProcessEvent['type']> = Extract<ProcessEvent, { type: T }>;

function begun(state: ProcessState, event: Of<'begun'>, now: number): ProcessState {
  if (!['stopped', 'backing-off', 'failed'].includes(state.status)) return state;
  const { generation, attempt } = event;
  return { status: 'starting', since: now, generation, pid: null, step: FIRST_STEP, attempt };
}

function answered(state: ProcessState, event: Of<'answered'>, now: number): ProcessState {
  if (state.status !== 'starting' && state.status !== 'unresponsive') return state;
  const { generation, pid, bootMs } = event;
  return { status: 'ready', since: now, generation, pid, bootMs };
}

function silent(state: ProcessState, event: Of<'silent'>, now: number): ProcessState {
  const { detail } = event;
  if (state.status === 'unresponsive') return { ...state, detail };
  if (state.status !== 'ready') return state;
  return { status: 'unresponsive', since: now, generation: state.generation, pid: state.pid, detail };
}

function stopping(state: ProcessState, event: Of<'stopping'>, now: number): ProcessState {
  const { stage, pid, generation } = event;
  if (state.status === 'stopping') return { ...state, stage };
  const alive = state.status === 'starting' || state.status === 'ready' || state.status === 'unresponsive';
  return alive ? { status: 'stopping', since: now, generation, pid, stage } : state;
}

function crashed(state: ProcessState, event: Of<'crashed'>, now: number): ProcessState {
  const alive = state.status === 'starting' || state.status === 'ready' || state.status === 'unresponsive';
  const { failure, delayMs, attempt } = event;
  return alive ? { status: 'backing-off', since: now, until: now + delayMs, attempt, failure } : state;
}

function gaveUp(state: ProcessState, event: Of<'gave-up'>, now: number): ProcessState {
  if (state.status === 'stopped' || state.status === 'failed' || state.status === 'backing-off') return state;
  return { status: 'failed', since: now, failure: event.failure, restarts: event.restarts };
}
