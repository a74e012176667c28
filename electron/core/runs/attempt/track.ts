import type { ComfyMessage } from '../../comfy/messages.ts';
import { type ComfyFile, filesOf } from '../../comfy/outputs.ts';
import { type ApiPrompt, nodeTitle } from '../../comfy/prompt.ts';
import type { AttemptEvent } from './attempt-types.ts';

/** What the messages of a server say about one prompt; a pure step per message. Messages are hints: the history decides. */

type ErrorData = Extract<ComfyMessage, { type: 'execution_error' }>['data'];

export interface Track {
  readonly started: boolean;
  readonly sampled: boolean;
  readonly nodeId: string | null;
  readonly step: number | null;
  readonly steps: number | null;
  /** Files told of so far, by node: what comes twice is told once. */
  readonly executed: ReadonlyMap<string, string>;
  readonly error: ErrorData | null;
  readonly interrupted: boolean;
  /** running; ending: it is over, the history is about to be written; ended: the history has it. */
  readonly phase: 'running' | 'ending' | 'ended';
}

export const UNTRACKED: Track = {
  started: false,
  sampled: false,
  nodeId: null,
  step: null,
  steps: null,
  executed: new Map(),
  error: null,
  interrupted: false,
  phase: 'running',
};

export interface Tracked {
  readonly track: Track;
  readonly events: readonly AttemptEvent[];
}

/** The order's own facts. */
export interface Tracking {
  readonly promptId: string;
  readonly prompt: ApiPrompt;
}

/** @returns null when the message says nothing about this prompt */
export function afterAttemptMessage(
  track: Track,
  message: ComfyMessage,
  { promptId, prompt }: Tracking,
  now: number,
): Tracked | null {
  if (!('prompt_id' in message.data) || message.data.prompt_id !== promptId) return null;
  switch (message.type) {
    case 'execution_start':
    case 'execution_cached':
      return started(track, now);
    case 'executing':
      if (message.data.node === null) return { track: { ...track, phase: 'ended' }, events: [] };
      return atStep(track, { nodeId: message.data.node, step: null, steps: null }, prompt, now);
    case 'progress': {
      const { node, value, max } = message.data;
      const nodeId = node ?? track.nodeId;
      return nodeId === null
        ? started(track, now)
        : atStep(track, { nodeId, step: value, steps: max }, prompt, now);
    }
    case 'progress_state':
      return atNodes(track, message.data.nodes, prompt, now);
    case 'executed':
      return executed(track, message.data.node, message.data.output, now);
    case 'execution_success':
      return { track: ending(track), events: [] };
    case 'execution_interrupted':
      return { track: { ...ending(track), interrupted: true }, events: [] };
    case 'execution_error':
      // One node's output was withheld on purpose; the others go on.
      if (message.data.exception_type === 'ExecutionBlocked') return { track, events: [] };
      return { track: { ...ending(track), error: message.data }, events: [] };
    default:
      return null;
  }
}

/** Also when only its queue says that it runs. */
export function started(track: Track, now: number): Tracked {
  if (track.started) return { track, events: [] };
  return { track: { ...track, started: true }, events: [{ kind: 'started', at: now }] };
}

function ending(track: Track): Track {
  return track.phase === 'ended' ? track : { ...track, phase: 'ending' };
}

type Step = Pick<Track, 'step' | 'steps'> & { readonly nodeId: string };

function atStep(before: Track, at: Step, prompt: ApiPrompt, now: number): Tracked {
  const begun = started(before, now);
  const { track } = begun;
  if (track.nodeId === at.nodeId && track.step === at.step && track.steps === at.steps) return begun;
  const samples = !track.sampled && (at.step ?? 0) > 0;
  const node = nodeTitle(prompt, at.nodeId) ?? at.nodeId;
  return {
    track: { ...track, ...at, sampled: track.sampled || samples },
    events: [
      ...begun.events,
      ...(samples ? ([{ kind: 'sampling', at: now }] as const) : []),
      { kind: 'step', node, ...at },
    ],
  };
}

type ProgressNodes = Extract<ComfyMessage, { type: 'progress_state' }>['data']['nodes'];

/** 0.33 repeats all nodes of the prompt with each step; one that reports no steps has max 1. */
function atNodes(track: Track, nodes: ProgressNodes, prompt: ApiPrompt, now: number): Tracked {
  const running = Object.entries(nodes).filter(([, { state }]) => state === 'running');
  const [nodeId, node] = running.find(([, { max }]) => max > 1) ?? running[0] ?? [];
  if (nodeId === undefined || node === undefined) return started(track, now);
  const { value, max } = node;
  if (max > 1) return atStep(track, { nodeId, step: value, steps: max }, prompt, now);
  // It repeats what `executing` said, and must not take back a step that `progress` told.
  if (track.nodeId === nodeId) return started(track, now);
  return atStep(track, { nodeId, step: null, steps: null }, prompt, now);
}

function executed(before: Track, nodeId: string | null, output: unknown, now: number): Tracked {
  const begun = started(before, now);
  const files: readonly ComfyFile[] = filesOf({ node: output });
  if (nodeId === null || files.length === 0) return begun;
  const told = JSON.stringify(files);
  if (begun.track.executed.get(nodeId) === told) return begun;
  return {
    track: { ...begun.track, executed: new Map([...begun.track.executed, [nodeId, told]]) },
    events: [...begun.events, { kind: 'executed', nodeId, files }],
  };
}
