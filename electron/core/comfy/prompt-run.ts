import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { Clock } from '../ports.ts';
import type { ComfyHttp } from './http.ts';
import type { ComfyMessage } from './messages.ts';
import { type ComfyFile, filesOf } from './outputs.ts';
import type { HistoryEntry } from './replies.ts';
import { Waker } from './waker.ts';
import { whereIs } from './whereabouts.ts';

/** With messages arriving the poll is only a net under them. */
const POLL_MS = 1_500;
const FAILURES_UNTIL_LOST = 4;
/** One absence is certain; a second look forgives a proxy that sent the first one elsewhere. */
const ABSENCES_UNTIL_LOST = 2;

export interface PromptRunDeps {
  readonly http: ComfyHttp;
  readonly onMessage: (listener: (message: ComfyMessage) => void) => () => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Follows a queued prompt to its end. The history decides, since events may be missed, and a server that dies sends none:
 * messages only say when to look. ComfyUI announces success before it writes the history.
 * @throws EnsembleError that says why there is no result; the signal's reason when it aborts
 */
export async function followPrompt(promptId: string, deps: PromptRunDeps): Promise<readonly ComfyFile[]> {
  const waker = new Waker();
  const unsubscribe = deps.onMessage((message) => {
    if (endsPrompt(message, promptId)) waker.wake();
  });
  try {
    const entry = await untilInHistory(promptId, deps, waker);
    return resultOf(entry);
  } finally {
    unsubscribe();
  }
}

async function untilInHistory(promptId: string, deps: PromptRunDeps, waker: Waker): Promise<HistoryEntry> {
  let failures = 0;
  let absences = 0;
  for (;;) {
    try {
      const seen = await whereIs(deps.http, promptId, deps.signal);
      if (seen.status === 'done') return seen.entry;
      failures = 0;
      absences = seen.status === 'absent' ? absences + 1 : 0;
    } catch (error) {
      deps.signal.throwIfAborted();
      failures += 1;
      if (failures >= FAILURES_UNTIL_LOST) throw silent(error);
    }
    if (absences >= ABSENCES_UNTIL_LOST) throw forgotten();
    await waker.wait(deps.clock, POLL_MS, deps.signal);
  }
}

/** A message after which the history should soon have the prompt. */
function endsPrompt(message: ComfyMessage, promptId: string): boolean {
  if (message.type === 'status') return message.data.status.exec_info.queue_remaining === 0;
  if (message.type === 'executing') return message.data.node === null;
  const ends = message.type === 'execution_error' || message.type === 'execution_interrupted';
  return ends && message.data.prompt_id === promptId;
}

function resultOf(entry: HistoryEntry): readonly ComfyFile[] {
  if (entry.status?.status_str === 'error') throw failureOf(entry.status.messages);
  return filesOf(entry.outputs);
}

/** Why a prompt ended without a result, out of the messages that its history keeps. */
function failureOf(messages: readonly (readonly [string, unknown])[]): EnsembleError {
  if (messages.some(([event]) => event === 'execution_interrupted')) {
    return new EnsembleError('unavailable', 'It was interrupted.', 'Queue it again.');
  }
  const [, data] = messages.find(([event]) => event === 'execution_error') ?? [];
  const details: Readonly<Record<string, unknown>> =
    typeof data === 'object' && data !== null ? { ...data } : {};
  const node = typeof details['node_type'] === 'string' ? details['node_type'] : 'A node';
  const reason =
    typeof details['exception_message'] === 'string' ? firstLine(details['exception_message']) : '';
  const sentence = reason === '' ? `${node} failed` : `${node} failed: ${reason.replace(/\.$/, '')}`;
  return new EnsembleError('unavailable', `${sentence}.`, 'The log of this instance has the whole story.');
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]?.slice(0, 300) ?? '';
}

function silent(error: unknown): EnsembleError {
  const why = messageOf(error);
  return new EnsembleError(
    'disconnected',
    `The server stopped answering in the middle: ${why}`,
    'Look at its log for why it went.',
    [],
    { cause: error },
  );
}

function forgotten(): EnsembleError {
  return new EnsembleError(
    'unavailable',
    'The server does not know the picture any more: it was restarted, or the picture was removed from its queue.',
    'Queue it again.',
  );
}
