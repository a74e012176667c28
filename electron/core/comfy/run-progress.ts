import type { ComfyMessage } from './messages.ts';

export interface RunProgress {
  readonly step: number;
  readonly steps: number;
}

/**
 * How far one prompt has come: the sampler's own steps while a node reports them, nodes begun of all nodes otherwise.
 * @returns null when the message says nothing about it
 */
export function progressOf(message: ComfyMessage, promptId: string, nodes: number): RunProgress | null {
  if (message.type === 'progress' && message.data.prompt_id === promptId) {
    return { step: message.data.value, steps: message.data.max };
  }
  if (message.type !== 'progress_state' || message.data.prompt_id !== promptId) return null;
  const states = Object.values(message.data.nodes);
  const stepping = states.find(({ state, max }) => state === 'running' && max > 1);
  if (stepping !== undefined) return { step: stepping.value, steps: stepping.max };
  return { step: states.filter(({ state }) => state === 'finished').length, steps: nodes };
}
