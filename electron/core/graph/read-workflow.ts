import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { ApiNode, ApiPrompt } from '../comfy/prompt.ts';
import { parseExact } from '../exact-json.ts';
import { isRecord } from '../plain-data.ts';
import type { NodeCatalog } from './catalog.ts';
import { convertUiWorkflow } from './ui-format/convert.ts';
import { isUiWorkflow } from './ui-format/document.ts';
import type { TextSources } from './ui-format/text.ts';

export interface ReadWorkflow {
  readonly prompt: ApiPrompt;
  readonly format: 'api' | 'ui';
  /** What the conversion could not take over exactly, one sentence each. */
  readonly warnings: readonly string[];
  /** The workflow in UI format, which ComfyUI writes into the pictures (extra_pnginfo); null when the file has none. */
  readonly workflow: unknown;
}

type Raw = Readonly<Record<string, unknown>>;

/** ComfyUI itself takes no larger prompt (100 MB); a workflow that people made stays far below. */
const MAX_CHARACTERS = 100_000_000;

/**
 * Reads a workflow file in either format: an API prompt, bare or wrapped as it is posted to /prompt or kept in a picture, or
 * what the page saves.
 * @param catalog definitions of a running ComfyUI; without them the UI format is refused
 * @param sources chance and time for `{a|b}` and `%date:…%` in texts of the UI format
 * @throws EnsembleError bad-argument
 */
export function readWorkflow(
  text: string,
  catalog: NodeCatalog | null,
  sources: TextSources = {},
): ReadWorkflow {
  if (text.length > MAX_CHARACTERS) throw refusal('The file is too large for a workflow (more than 100 MB).');
  if (text.trim() === '') throw refusal('The workflow is empty.', 'Export it from ComfyUI again.');
  try {
    return readValue(parseJson(text), catalog, sources);
  } catch (error) {
    // Text nested so deeply that the stack does not hold it is all that is left to go wrong.
    throw error instanceof EnsembleError
      ? error
      : refusal(`The workflow cannot be read: ${messageOf(error)}`, EXPORT_HINT);
  }
}

const EXPORT_HINT = 'Give the JSON file that ComfyUI saves or exports (API format).';

function readValue(value: unknown, catalog: NodeCatalog | null, sources: TextSources): ReadWorkflow {
  if (Array.isArray(value)) throw refusal('The workflow is a list, not an object of nodes.', EXPORT_HINT);
  if (!isRecord(value)) throw refusal('The workflow is no JSON object.', EXPORT_HINT);
  if (isUiWorkflow(value)) return fromUi(value, catalog, sources);
  const inner = unpacked(value['prompt']);
  if (isRecord(inner) && !('class_type' in inner)) {
    return { prompt: readPrompt(inner), format: 'api', warnings: [], workflow: embeddedWorkflow(value) };
  }
  const page = unpacked(value['workflow']);
  if (isUiWorkflow(page)) return fromUi(page, catalog, sources);
  return { prompt: readPrompt(value), format: 'api', warnings: [], workflow: null };
}

function fromUi(ui: Raw, catalog: NodeCatalog | null, sources: TextSources): ReadWorkflow {
  if (!catalog) {
    throw refusal(
      'This workflow is in the format of the ComfyUI page; to convert it, the node definitions of a running ComfyUI are needed.',
      'Start a ComfyUI of the fleet first, or export the workflow in API format.',
    );
  }
  const { prompt, warnings } = convertUiWorkflow(ui, catalog, sources);
  if (Object.keys(prompt).length === 0) throw refusal('The workflow has no node that would run.');
  return { prompt, format: 'ui', warnings, workflow: ui };
}

function readPrompt(raw: Raw): ApiPrompt {
  const nodes = Object.entries(raw);
  if (nodes.length === 0) throw refusal('The workflow has no nodes.', EXPORT_HINT);
  return Object.fromEntries(nodes.map(([id, node]) => [id, readNode(id, node)]));
}

function readNode(id: string, node: unknown): ApiNode {
  if (id.trim() === '') throw refusal('A node of the workflow has an empty id.');
  if (!isRecord(node)) throw refusal(`Node ${shown(id)} is no object.`, EXPORT_HINT);
  const { class_type: className, inputs, _meta: meta } = node;
  if (typeof className !== 'string' || className === '') {
    throw refusal(`Node ${shown(id)} has no class_type.`, EXPORT_HINT);
  }
  if (!isRecord(inputs)) throw refusal(`The inputs of node ${shown(id)} (${className}) are no object.`);
  const title = isRecord(meta) ? meta['title'] : null;
  return {
    inputs,
    class_type: className,
    ...(typeof title === 'string' ? { _meta: { title } } : {}),
  };
}

/** Beside the prompt in what pictures keep, further in in what is posted. */
function embeddedWorkflow(wrapper: Raw): unknown {
  const beside = unpacked(wrapper['workflow']);
  if (isUiWorkflow(beside)) return beside;
  const extra = wrapper['extra_data'];
  const info = isRecord(extra) ? extra['extra_pnginfo'] : null;
  const posted = isRecord(info) ? unpacked(info['workflow']) : null;
  return isUiWorkflow(posted) ? posted : null;
}

/** The UI-format workflow in a text that was read before, for the pictures' metadata; null when it has none. */
export function pngInfoOf(text: string): unknown {
  const value = parseJson(text);
  if (isUiWorkflow(value)) return value;
  return isRecord(value) ? embeddedWorkflow(value) : null;
}

/** Pictures keep the prompt as JSON text. */
function unpacked(value: unknown): unknown {
  return typeof value === 'string' && /^\s*\{/.test(value) ? parseJson(value) : value;
}

function parseJson(text: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return parseExact(json);
  } catch (error) {
    const numbers = withoutNaN(json);
    if (numbers !== json) return parseJson(numbers);
    throw notJson(json, messageOf(error));
  }
}

/** Python writes NaN, which JSON does not have, e.g. into prompts kept in pictures. */
function withoutNaN(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
    token.startsWith('"') ? token : 'null',
  );
}

function notJson(text: string, message: string): EnsembleError {
  const position = /^(.*) at position (\d+)$/s.exec(message);
  if (!position) return refusal(`The workflow is not JSON: ${message}.`, EXPORT_HINT);
  const before = text.slice(0, Number(position[2])).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return refusal(
    `The workflow is not JSON: line ${before.length}, column ${column}: ${position[1]}.`,
    EXPORT_HINT,
  );
}

function shown(id: string): string {
  return id.length > 40 ? `"${id.slice(0, 40)}…"` : `"${id}"`;
}

function refusal(message: string, hint: string | null = null): EnsembleError {
  return EnsembleError.badArgument('workflow', message, hint);
}
