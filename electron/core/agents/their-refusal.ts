import { EnsembleError, type ErrorCode } from '../../../shared/errors.ts';
import { isRecord } from '../plain-data.ts';

/** What mean the same here; all others are about another machine's own clients, e.g. that we are signed out there. */
const SAME: readonly ErrorCode[] = [
  'bad-argument',
  'not-found',
  'conflict',
  'port-in-use',
  'no-comfyui',
  'not-ready',
  'timeout',
  'disk-full',
];
const MOST_CHARACTERS = 500;

/** @returns null when this is no refusal at all; whoever answers may be anybody */
export function theirRefusal(reply: unknown): EnsembleError | null {
  const error = isRecord(reply) ? reply['error'] : null;
  if (!isRecord(error) || typeof error['message'] !== 'string') return null;
  const { code, message, hint } = error;
  return new EnsembleError(
    SAME.find((one) => one === code) ?? 'conflict',
    message.slice(0, MOST_CHARACTERS),
    typeof hint === 'string' ? hint.slice(0, MOST_CHARACTERS) : null,
  );
}
