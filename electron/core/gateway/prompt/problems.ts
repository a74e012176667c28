import type { ApiNode } from '../../comfy/prompt.ts';

/** Errors of POST /prompt as ComfyUI words them; 0.3 and 0.33 differ in a few. Pure. */

export interface Problem {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

export interface NodeProblems {
  readonly errors: readonly Problem[];
  readonly dependent_outputs: readonly string[];
  readonly class_type: string;
}

export type NodeErrors = Readonly<Record<string, NodeProblems>>;

/** Body of a refusal. */
export interface Refusal {
  readonly error: Problem;
  readonly node_errors: NodeErrors;
}

export function refusal(error: Omit<Problem, 'extra_info'>, node_errors: NodeErrors = {}): Refusal {
  return { error: { ...error, extra_info: {} }, node_errors };
}

export const NO_PROMPT: Refusal = refusal({
  ...{ type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided' },
});

export const BAD_PROMPT_ID: Refusal = refusal({
  type: 'invalid_prompt_id',
  message: 'prompt_id must be a valid UUID',
  details:
    'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one',
});

export const NO_OUTPUTS: Refusal = refusal({
  ...{ type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '' },
});

export function failedOutputs(reasons: readonly Problem[], nodeErrors: NodeErrors): Refusal {
  return refusal(
    {
      type: 'prompt_outputs_failed_validation',
      message: 'Prompt outputs failed validation',
      details: reasons.map(({ message, details }) => `${message}: ${details}`).join('\n'),
    },
    nodeErrors,
  );
}

/** @param legacy the master is a 0.3 */
export function unknownNode(id: string, node: ApiNode, legacy: boolean): Refusal {
  const given = node.class_type === '' ? null : node.class_type;
  const details = `Node ID '#${id}'`;
  if (legacy) {
    const message =
      given === null
        ? 'Cannot execute because a node is missing the class_type property.'
        : `Cannot execute because node ${given} does not exist.`;
    return refusal({ type: 'invalid_prompt', message, details });
  }
  const title = node._meta?.title ?? given;
  const message =
    given === null
      ? `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`
      : `Node '${title}' not found. The custom node may not be installed.`;
  const extra_info = { node_id: id, class_type: given, node_title: title };
  return { error: { type: 'missing_node_type', message, details, extra_info }, node_errors: {} };
}

export function missingInput(name: string): Problem {
  return {
    ...{ type: 'required_input_missing', message: 'Required input is missing', details: name },
    extra_info: { input_name: name },
  };
}

/** What the node itself would say of a value that no list tells about. */
export function customProblem(input: string, why: string): Problem {
  return {
    ...{ type: 'custom_validation_failed', message: 'Custom validation failed for node' },
    ...{ details: `${input} - ${why}`, extra_info: { input_name: input } },
  };
}

export function missingLinkedNode(input: string, link: readonly unknown[]): Problem {
  const details = `'${String(link[0])}'`;
  return {
    ...{ type: 'exception_during_validation', message: 'Exception when validating node', details },
    extra_info: { input_name: input, linked_node: link, exception_type: 'KeyError', traceback: [] },
  };
}
