import type { JobRecord } from './job-types.ts';
import type { Jobs } from './jobs.ts';
import { inQueueOrder } from './queue-order.ts';

/** Queue and history as JSON texts, put together from the texts that are kept: nothing is read only to be written again. */

/** Python's int(): throws for anything else. */
const WHOLE = /^\s*[+-]?\d+\s*$/;

/** `[number, id, prompt, extra_data, outputs]` */
export function tupleText({ number, promptId, prompt, extraData, outputs }: JobRecord): string {
  return `[${JSON.stringify(number)}, ${JSON.stringify(promptId)}, ${prompt}, ${extraData}, ${outputs}]`;
}

export function queueText(jobs: Jobs): string {
  const rows = (wanted: boolean): string =>
    inQueueOrder(jobs.all.filter(({ isRunning }) => isRunning === wanted))
      .map(({ record }) => tupleText(record))
      .join(', ');
  return `{"queue_running": [${rows(true)}], "queue_pending": [${rows(false)}]}`;
}

/**
 * Which finished jobs /history?max_items&offset asks for.
 * @throws RangeError for what is no number: ComfyUI answers 500 then
 */
export function readPage(query: URLSearchParams): { readonly offset: number; readonly limit: number } {
  const most = numberOf(query.get('max_items'));
  const offset = numberOf(query.get('offset')) ?? -1;
  const limit = most === null ? Number.MAX_SAFE_INTEGER : Math.max(1, most);
  if (offset >= 0) return { offset, limit };
  return { offset: most === null ? 0 : -Math.max(1, most), limit };
}

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  if (!WHOLE.test(text)) throw new RangeError(`“${text}” is no number.`);
  return Number(text);
}
