import { z } from 'zod';
import { DEFAULT_RUN_OPTIONS, type RunOptions } from '../../../../shared/runs.ts';
import type { ApiNode, ApiPrompt } from '../../comfy/prompt.ts';
import { isRecord } from '../../plain-data.ts';
import { BAD_PROMPT_ID, NO_PROMPT, type Refusal, refusal } from './problems.ts';

/** What a client posts to /prompt. Pure. */

export interface PromptRequest {
  readonly prompt: ApiPrompt;
  /** The prompt as it was posted, for queue and history. */
  readonly posted: unknown;
  /** null: we choose one. */
  readonly promptId: string | null;
  /** null: the next one. */
  readonly number: number | null;
  readonly front: boolean;
  readonly targets: readonly string[] | null;
  readonly clientId: string | null;
  readonly extraData: Readonly<Record<string, unknown>>;
  /** Of extra_data: goes with the prompt, is written down nowhere. */
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly options: RunOptions;
  /** It names itself how it is to be distributed. */
  readonly saysHow: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SECRET = ['auth_token_comfy_org', 'api_key_comfy_org'];
const MOST_COPIES = 100_000;
const HOW = ['copies', 'splitBatch', 'mode', 'participants'];

const Options = z.strictObject({
  copies: z.int().min(1).max(MOST_COPIES).nullable().default(null),
  splitBatch: z.boolean().default(false),
  mode: z.enum(['auto', 'participating', 'orchestrator']).default('auto'),
  /** Ids of instances. */
  participants: z.array(z.string().min(1).max(200)).min(1).max(1_000).nullable().default(null),
  priority: z.enum(['normal', 'front']).default('normal'),
});

/**
 * @param legacy the master is a 0.3: any text is a prompt id there
 * @throws RangeError for a number that is none, TypeError for what is no object: ComfyUI answers 500 then
 */
export function readPromptRequest(body: unknown, legacy: boolean): PromptRequest | Refusal {
  if (!isRecord(body)) throw new TypeError('The body is no JSON object.');
  if (!('prompt' in body)) return NO_PROMPT;
  const number = 'number' in body ? numberOf(body['number']) : null;
  const promptId = promptIdOf(body['prompt_id'], legacy);
  if (promptId === false) return BAD_PROMPT_ID;
  const prompt = readPrompt(body['prompt']);
  if (typeof prompt === 'string') return invalid(prompt);
  const given = isRecord(body['extra_data']) ? body['extra_data'] : {};
  const own = given['ensemble'] ?? {};
  const parsed = Options.safeParse(own);
  if (!parsed.success) return invalid(`extra_data.ensemble: ${z.prettifyError(parsed.error)}`);
  const { participants, priority, ...options } = parsed.data;
  const clientId = body['client_id'] ?? given['client_id'];
  const front = Boolean(body['front']) || priority === 'front';
  const targets = body['partial_execution_targets'];
  return {
    ...{ prompt, posted: body['prompt'], promptId, number, front },
    targets: Array.isArray(targets) ? targets.map(String) : null,
    clientId: typeof clientId === 'string' && clientId !== '' ? clientId : null,
    extraData: {
      ...Object.fromEntries(Object.entries(given).filter(([key]) => !SECRET.includes(key))),
      ...('client_id' in body ? { client_id: body['client_id'] } : {}),
    },
    secrets: Object.fromEntries(Object.entries(given).filter(([key]) => SECRET.includes(key))),
    saysHow: isRecord(own) && HOW.some((key) => key in own),
    options: { ...DEFAULT_RUN_OPTIONS, ...options, on: participants, front: front && number === null },
  };
}

function invalid(message: string): Refusal {
  return refusal({ type: 'invalid_prompt', message, details: message });
}

function promptIdOf(given: unknown, legacy: boolean): string | null | false {
  if (given === undefined || given === null) return null;
  if (legacy) return String(given);
  return typeof given === 'string' && UUID.test(given) ? given : false;
}

function numberOf(given: unknown): number {
  const number = typeof given === 'string' && given.trim() === '' ? Number.NaN : Number(given);
  if (Number.isFinite(number)) return number;
  throw new RangeError(`could not convert to a number: ${String(given)}`);
}

/** @returns words for what is no prompt */
function readPrompt(value: unknown): ApiPrompt | string {
  if (!isRecord(value)) return 'The prompt is no object of nodes.';
  const nodes: [string, ApiNode][] = [];
  for (const [id, node] of Object.entries(value)) {
    if (!isRecord(node)) return `Node ${id} is no object.`;
    const { class_type: className, inputs = {}, _meta: meta } = node;
    if (!isRecord(inputs)) return `The inputs of node ${id} are no object.`;
    const title = isRecord(meta) ? meta['title'] : undefined;
    nodes.push([
      id,
      {
        class_type: typeof className === 'string' ? className : '',
        inputs,
        ...(typeof title === 'string' ? { _meta: { title } } : {}),
      },
    ]);
  }
  return Object.fromEntries(nodes);
}
