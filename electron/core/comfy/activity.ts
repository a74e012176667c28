import type { Activity } from '../../../shared/model.ts';
import type { ComfyMessage } from './messages.ts';
import { type ApiPrompt, nodeTitle } from './prompt.ts';

/** What the messages of one server say about what it does; a pure step per message. */

export interface WorkState {
  /** Prompts running and waiting; null while unknown. */
  readonly queue: number | null;
  readonly activity: Activity | null;
  /** ms since the epoch. */
  readonly lastRunAt: number | null;
}

export const IDLE_UNKNOWN: WorkState = { queue: null, activity: null, lastRunAt: null };

/** Prompts that we submitted, by id: their nodes have titles. */
export type KnownPrompts = ReadonlyMap<string, ApiPrompt>;

/** @param now ms since the epoch */
export function afterMessage(
  state: WorkState,
  message: ComfyMessage,
  known: KnownPrompts,
  now: number,
): WorkState {
  switch (message.type) {
    case 'status':
      return withQueue(state, message.data.status.exec_info.queue_remaining, now);
    case 'execution_start':
      return { ...state, activity: atNode(message.data.prompt_id, null, known) };
    case 'executing': {
      const { node, prompt_id: promptId } = message.data;
      // `node: null` is the only message that follows the history being written.
      if (node === null) return { ...state, activity: null, lastRunAt: now };
      return { ...state, activity: atNode(promptId ?? state.activity?.promptId ?? null, node, known) };
    }
    case 'execution_error':
    case 'execution_interrupted':
      return { ...state, activity: null, lastRunAt: now };
    case 'progress': {
      const { prompt_id: promptId, node, value, max } = message.data;
      const at = atNode(
        promptId ?? state.activity?.promptId ?? null,
        node ?? state.activity?.node ?? null,
        known,
      );
      return { ...state, activity: { ...at, step: value, steps: max } };
    }
    case 'progress_state':
      return { ...state, activity: fromNodes(state.activity, message.data, known) };
    default:
      return state;
  }
}

/** The queue's length as `status` or GET /prompt tells it; empty ends what was going on. */
export function withQueue(state: WorkState, queue: number, now: number): WorkState {
  if (queue > 0) return { ...state, queue };
  const finished = (state.queue ?? 0) > 0 || state.activity !== null;
  return { queue, activity: null, lastRunAt: finished ? now : state.lastRunAt };
}

/** Whether what runs has made a step of its own; before the first, ComfyUI loads models. */
export function hasStepped(before: boolean, message: ComfyMessage): boolean {
  switch (message.type) {
    case 'execution_start':
      return false;
    case 'executing':
      return before && message.data.node !== null;
    case 'progress':
      return before || message.data.value > 0;
    case 'progress_state':
      return before || Object.values(message.data.nodes).some(({ value, max }) => max > 1 && value > 0);
    default:
      return before;
  }
}

type ProgressState = Extract<ComfyMessage, { type: 'progress_state' }>['data'];

function fromNodes(before: Activity | null, state: ProgressState, known: KnownPrompts): Activity | null {
  const running = Object.entries(state.nodes).find(([, node]) => node.state === 'running');
  if (running === undefined) return before;
  const [nodeId, { value, max }] = running;
  // A node that reports no steps has max 1.
  const steps = max > 1 ? { step: value, steps: max } : {};
  return { ...atNode(state.prompt_id, nodeId, known), ...steps };
}

function atNode(promptId: string | null, node: string | null, known: KnownPrompts): Activity {
  const prompt = promptId === null ? undefined : known.get(promptId);
  return {
    promptId,
    node,
    nodeTitle: prompt === undefined || node === null ? null : nodeTitle(prompt, node),
    step: null,
    steps: null,
    ours: prompt !== undefined,
  };
}
