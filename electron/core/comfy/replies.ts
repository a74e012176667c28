import { z } from 'zod';

/**
 * What ComfyUI answers, as far as we use it. Unknown keys are dropped, and everything that we can do without is optional,
 * because versions from 0.3.x to 0.33 differ and custom nodes add to most replies.
 */

const text = z.string();
const size = z.number();

export const SystemStats = z.object({
  system: z.object({
    comfyui_version: text.nullish(),
    os: text.nullish(),
    python_version: text.nullish(),
    pytorch_version: text.nullish(),
    /** Its command line, sys.argv in both versions: tells one of our servers from a stranger on the same port. */
    argv: z.array(text).nullish().catch(null),
  }),
  devices: z.array(
    z.object({
      name: text.nullish(),
      type: text.nullish(),
      vram_total: size.nullish(),
      vram_free: size.nullish(),
    }),
  ),
});
export type SystemStats = z.infer<typeof SystemStats>;

export const ServerLogs = z.object({ entries: z.array(z.object({ t: text, m: text })) });

export const PromptInfo = z.object({ exec_info: z.object({ queue_remaining: z.number().int().min(0) }) });

/** `[number, prompt_id, prompt, extra_data, outputs]`; only the first two matter to us. */
const QueueRow = z.tuple([z.number(), text]).rest(z.unknown());
export const Queue = z.object({ queue_running: z.array(QueueRow), queue_pending: z.array(QueueRow) });

/** Unknown keys are kept: whoever submitted the prompt gets them as they are. */
const NodeError = z.looseObject({
  class_type: text.optional(),
  errors: z
    .array(z.looseObject({ type: text.optional(), message: text, details: text.optional() }))
    .default([]),
});
const NodeErrors = z.record(text, NodeError).catch({});
export type NodeErrors = z.infer<typeof NodeErrors>;

export const Submitted = z.object({
  prompt_id: text,
  number: z.number(),
  node_errors: NodeErrors.optional(),
});

export const Refused = z.object({
  error: z.union([
    z.object({ type: text.optional(), message: text, details: text.nullish() }),
    text.transform((message) => ({ message, type: undefined, details: undefined })),
  ]),
  node_errors: NodeErrors.optional(),
});
export type Refused = z.infer<typeof Refused>;

export const HistoryEntry = z.object({
  outputs: z.record(text, z.unknown()).default({}),
  status: z
    .object({
      status_str: text,
      completed: z.boolean(),
      /** `[event, data]` as they went over the WebSocket. */
      messages: z.array(z.tuple([text, z.unknown()])).default([]),
    })
    .nullish(),
  /** `[number, prompt_id, prompt, …]` */
  prompt: QueueRow.nullish().catch(null),
});
export type HistoryEntry = z.infer<typeof HistoryEntry>;
export const History = z.record(text, HistoryEntry);

/** `/object_info`: of each class only its inputs; combos look different in V1 and V3 nodes. */
export const ObjectInfo = z.record(
  text,
  z.object({
    input: z
      .object({
        required: z.record(text, z.unknown()).optional(),
        optional: z.record(text, z.unknown()).optional(),
      })
      .optional(),
  }),
);
export type ObjectInfo = z.infer<typeof ObjectInfo>;

/** What a combo offers: `[[…], {…}]` in V1 nodes, `["COMBO", {options: […]}]` in V3 nodes. Empty when there is none. */
export function comboOptions(info: ObjectInfo, className: string, input: string): readonly string[] {
  const inputs = info[className]?.input;
  const definition = inputs?.required?.[input] ?? inputs?.optional?.[input];
  if (!Array.isArray(definition)) return [];
  const [type, extra]: readonly unknown[] = definition;
  if (Array.isArray(type)) return strings(type);
  if (type === 'COMBO' && typeof extra === 'object' && extra !== null && 'options' in extra) {
    return Array.isArray(extra.options) ? strings(extra.options) : [];
  }
  return [];
}

function strings(values: readonly unknown[]): readonly string[] {
  return values.filter((value) => typeof value === 'string');
}
