import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { LIMITS } from '../../../shared/parse/fields.ts';
import { sourceOf } from '../../../shared/pictures/byte-source.ts';
import { noWorkflowIn } from '../../../shared/pictures/embedded-workflow.ts';
import { readPicture, readPictureFile } from './picture-file.ts';

export type ByteSource = AsyncIterable<Uint8Array>;

/** UTF-8 never has fewer bytes than characters: what fits here fits the control center. */
const MAX_BYTES = LIMITS.workflow;
const MEGABYTE = 1024 * 1024;

/**
 * @param input what "-" stands for
 * @throws EnsembleError('bad-argument'), one sentence for each way in which it cannot be a workflow
 */
export async function readWorkflow(source: string, input: () => ByteSource): Promise<string> {
  const name = source === '-' ? 'What came in' : source;
  const text = source === '-' ? await textIn(await collect(input(), name), name) : await readFileText(source);
  requireObject(text, name);
  return text;
}

/** What a run is called that was given no name. */
export function runNameOf(source: string): string {
  const base = source === '-' ? '' : path.basename(source).replace(/\.(json|png|webp)$/i, '');
  return (base === '' ? 'workflow' : base).slice(0, LIMITS.name);
}

async function readFileText(file: string): Promise<string> {
  try {
    const about = await stat(file);
    if (about.isDirectory()) throw refused(`${file} is a folder.`, 'Name the JSON file in it.');
    const picture = about.isFile() ? await readPictureFile(file, about.size) : null;
    if (picture !== null) return picture.text ?? refuse(noWorkflowIn(file));
    if (about.size > MAX_BYTES) throw tooLarge(file, about.size);
    return await textIn(await collect(createReadStream(file), file), file);
  } catch (error) {
    if (error instanceof EnsembleError) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code === 'ENOENT') throw refused(`There is no file ${file}.`, null);
    throw refused(`${file} cannot be read (${code ?? messageOf(error)}).`, null);
  }
}

/** A pipe has no size to look at first, and a file may grow while it is read. */
async function collect(source: ByteSource, name: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    size += part.byteLength;
    if (size > MAX_BYTES) throw tooLarge(name, null);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** What came through a pipe may be a picture too. */
async function textIn(bytes: Uint8Array, name: string): Promise<string> {
  const picture = await readPicture(sourceOf(bytes));
  return picture === null ? decode(bytes, name) : (picture.text ?? refuse(noWorkflowIn(name)));
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(
      `${name} is not text in UTF-8.`,
      'A workflow is a JSON file, or a picture that ComfyUI made.',
    );
  }
}

function requireObject(text: string, name: string): void {
  if (text.trim() === '') throw refused(`${name} is empty.`, null);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw refused(`${name} is not valid JSON: ${whereOf(error, text)}.`, null);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw refused(
    `${name} holds no workflow: it is JSON, but not an object.`,
    'Save it in ComfyUI with Workflow → Export (API).',
  );
}

/** Line and column, which every editor shows; the parser counts characters. */
function whereOf(error: unknown, text: string): string {
  const message = messageOf(error);
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN);
  const what = message.replace(/,? ?(\.\.\.|"|in JSON|at position|is not valid JSON).*$/s, '');
  if (Number.isNaN(position)) return what;
  const before = text.slice(0, position).split('\n');
  return `${what} in line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function tooLarge(name: string, size: number | null): EnsembleError {
  const found = size === null ? '' : ` (${Math.ceil(size / MEGABYTE)} MB)`;
  return refused(
    `${name} is too large for a workflow${found}: at most ${MAX_BYTES / MEGABYTE} MB are taken.`,
    null,
  );
}

function refuse(message: string): never {
  throw refused(message, null);
}

function refused(message: string, hint: string | null): EnsembleError {
  return EnsembleError.badArgument('workflow', message, hint);
}
