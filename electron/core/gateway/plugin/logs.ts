import { messageOf } from '../../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../../shared/model.ts';
import { isRecord } from '../../plain-data.ts';
import type { FleetQuestions } from '../fleet-questions.ts';
import { type Fields, PluginRefusal } from './plugin-replies.ts';

/** Logs as the servers themselves remember them: also those that somebody else started. */

/** @throws PluginRefusal(502) when the server does not tell */
export async function localLog(
  questions: Pick<FleetQuestions, 'get'>,
  instance: InstanceSnapshot,
  lines: number,
): Promise<Fields> {
  const entries = await entriesOf(questions, instance);
  const shown = entries.slice(-lines);
  const content = shown.join('');
  return {
    ...{ status: 'success', content, entries: shown.length, source: 'memory' },
    truncated: entries.length > shown.length,
    lines_shown: content === '' ? 0 : content.split('\n').length,
  };
}

/** @throws PluginRefusal(502) */
export async function workerLog(
  questions: Pick<FleetQuestions, 'get'>,
  instance: InstanceSnapshot,
  lines: number,
): Promise<Fields> {
  const text = (await entriesOf(questions, instance)).join('');
  const all = text.replace(/\n$/, '').split('\n');
  const shown = all.slice(-lines);
  return {
    ...{ status: 'success', content: shown.join('\n'), log_file: null, file_size: Buffer.byteLength(text) },
    ...{ truncated: all.length > shown.length, lines_shown: shown.length },
  };
}

async function entriesOf(
  questions: Pick<FleetQuestions, 'get'>,
  instance: InstanceSnapshot,
): Promise<readonly string[]> {
  let text: string | null;
  try {
    text = await questions.get(instance, '/internal/logs/raw');
  } catch (error) {
    throw new PluginRefusal(502, `${instance.name} does not answer now: ${messageOf(error)}`);
  }
  const logs: unknown = text === null ? null : JSON.parse(text);
  if (!isRecord(logs) || !Array.isArray(logs['entries']))
    throw new PluginRefusal(502, `${instance.name} keeps no log that could be read.`);
  return logs['entries'].map((entry: unknown) =>
    isRecord(entry) ? String(entry['m'] ?? '') : String(entry),
  );
}
