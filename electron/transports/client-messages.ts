import { EVENT_NAMES } from '../../shared/contract.ts';
import { EnsembleError } from '../../shared/errors.ts';
import type { EventMessage, Reply } from '../../shared/ipc.ts';

/** What comes in at a client, from whoever answers at that address. */

/** @throws EnsembleError('disconnected') for what is no reply of the contract */
export function replyOf(value: unknown): Reply {
  if (typeof value === 'object' && value !== null && 'ok' in value) return value as Reply;
  throw new EnsembleError('disconnected', 'Something else than a control center answers at its address.');
}

/** @returns null for a frame that is no event of the contract */
export function messageIn(frame: string): EventMessage | null {
  try {
    const value = JSON.parse(frame) as Partial<EventMessage> | null;
    const event = EVENT_NAMES.find((name) => name === value?.event);
    return event === undefined ? null : { event, payload: value?.payload };
  } catch {
    return null;
  }
}
