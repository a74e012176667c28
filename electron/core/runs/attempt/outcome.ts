import type { ShardError } from '../../../../shared/runs.ts';
import { type ComfyFile, filesOf } from '../../comfy/outputs.ts';
import { type ApiPrompt, nodeTitle } from '../../comfy/prompt.ts';
import type { HistoryEntry } from '../../comfy/replies.ts';
import { AttemptFailure } from './attempt-failure.ts';
import type { AttemptOutput, AttemptResult } from './attempt-types.ts';

/** What a history entry says about a prompt. Pure; nothing in it is believed that could lead out of the server's folders. */

const MODEL_3D = /\.(?:glb|obj|fbx|gltf|usdz)$/i;
const MAX_TRACEBACK_LINES = 200;
const MAX_WORDS = 2_000;

/** @throws AttemptFailure for everything but a success of this very prompt */
export function resultOf(entry: HistoryEntry, promptId: string, prompt: ApiPrompt): AttemptResult {
  const [, id = promptId] = entry.prompt ?? [];
  if (id !== promptId) throw AttemptFailure.lost('The server answered with the history of another prompt.');
  if (entry.status?.status_str === 'error') throw failureOf(entry.status.messages, prompt);
  const outputs = Object.entries(entry.outputs)
    .map(([nodeId, output]) => outputOf(nodeId, output))
    .filter(({ files, texts }) => files.length > 0 || texts.length > 0);
  return { promptId, outputs, shown: entry.outputs };
}

/** @throws AttemptFailure('lost') when the server names files that no server has */
export function safeFilesOf(output: unknown): readonly ComfyFile[] {
  const files = filesOf({ node: output });
  const bad = files.find((file) => !isHarmless(file));
  if (bad === undefined) return files;
  const name = JSON.stringify(bad.filename).slice(0, 100);
  throw AttemptFailure.lost(`The server names a file outside its own folders: ${name}.`);
}

/** @param data of an execution_error, as it comes over the socket or out of the history */
export function shardErrorOf(data: unknown, prompt: ApiPrompt): ShardError {
  const details: Readonly<Record<string, unknown>> =
    typeof data === 'object' && data !== null ? { ...data } : {};
  const nodeId = textOf(details['node_id']);
  const nodeType = textOf(details['node_type']);
  const node = (nodeId === null ? null : nodeTitle(prompt, nodeId)) ?? nodeType ?? 'A node';
  const reason = (textOf(details['exception_message']) ?? '').trim().slice(0, MAX_WORDS);
  const traceback = Array.isArray(details['traceback']) ? details['traceback'] : [];
  return {
    message: reason === '' ? `${node} failed.` : `${node} failed: ${reason}`,
    nodeId,
    nodeType,
    exceptionType: textOf(details['exception_type']),
    traceback: traceback
      .filter((line) => typeof line === 'string')
      .slice(-MAX_TRACEBACK_LINES)
      .map((line) => line.slice(0, MAX_WORDS)),
  };
}

function failureOf(messages: readonly (readonly [string, unknown])[], prompt: ApiPrompt): AttemptFailure {
  if (messages.some(([event]) => event === 'execution_interrupted')) {
    return new AttemptFailure('interrupted', 'Somebody interrupted it on its server.');
  }
  const [, data] = messages.findLast(([event]) => event === 'execution_error') ?? [];
  return AttemptFailure.execution(shardErrorOf(data, prompt));
}

function outputOf(nodeId: string, output: unknown): AttemptOutput {
  return { nodeId, files: safeFilesOf(output), texts: textsOf(output) };
}

function textsOf(output: unknown): readonly string[] {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return [];
  const lists: readonly unknown[] = Object.values(output);
  return lists
    .flatMap((list): readonly unknown[] => (Array.isArray(list) ? list : []))
    .filter((item) => typeof item === 'string')
    .filter((text) => !MODEL_3D.test(text));
}

/** Windows servers have backslashes in subfolders. */
function isHarmless({ filename, subfolder }: ComfyFile): boolean {
  const path = `${subfolder}/${filename}`.replaceAll('\\', '/');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be in a name
  if (/[\u0000-\u001f]/.test(path)) return false;
  if (/^[a-z]:/i.test(subfolder) || /^[/\\]/.test(subfolder) || /^[/\\]/.test(filename)) return false;
  return !path.split('/').includes('..');
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}
