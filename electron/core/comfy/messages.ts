import { z } from 'zod';

/** Text messages of `/ws` that we use (ComfyUI 0.3.64 and 0.33.0); all others are ignored. */

const id = z.union([z.string(), z.number().transform(String)]);
const nodeId = id.nullish().transform((value) => value ?? null);

const ProgressNode = z.object({ value: z.number(), max: z.number(), state: z.string() });

const Message = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('status'),
    data: z.object({
      status: z.object({ exec_info: z.object({ queue_remaining: z.number().int().min(0) }) }),
    }),
  }),
  z.object({ type: z.literal('feature_flags'), data: z.record(z.string(), z.unknown()) }),
  z.object({ type: z.literal('execution_start'), data: z.object({ prompt_id: id }) }),
  z.object({ type: z.literal('execution_cached'), data: z.object({ prompt_id: id, nodes: z.array(id) }) }),
  z.object({ type: z.literal('execution_success'), data: z.object({ prompt_id: id }) }),
  z.object({ type: z.literal('execution_interrupted'), data: z.object({ prompt_id: id }) }),
  z.object({
    type: z.literal('execution_error'),
    data: z.object({
      prompt_id: id,
      node_id: nodeId,
      node_type: z.string().nullish(),
      exception_type: z.string().nullish(),
      exception_message: z.string().nullish(),
      traceback: z.array(z.string()).catch([]),
    }),
  }),
  // A reconnect while busy replays `executing` without a prompt_id.
  z.object({ type: z.literal('executing'), data: z.object({ node: nodeId, prompt_id: nodeId }) }),
  z.object({
    type: z.literal('executed'),
    data: z.object({ node: nodeId, prompt_id: id, output: z.unknown() }),
  }),
  z.object({
    type: z.literal('progress'),
    data: z.object({ value: z.number(), max: z.number(), prompt_id: nodeId, node: nodeId }),
  }),
  z.object({
    type: z.literal('progress_state'),
    data: z.object({ prompt_id: id, nodes: z.record(z.string(), ProgressNode) }),
  }),
]);

export type ComfyMessage = z.infer<typeof Message>;

/** @returns null for anything else than a message we use: garbage, unknown types, missing fields */
export function parseMessage(text: string): ComfyMessage | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = Message.safeParse(value);
  return parsed.success ? parsed.data : null;
}
