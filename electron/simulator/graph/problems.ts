import type { Problem } from './check-value.ts';
import { PythonError } from './python-text.ts';
import type { PromptNode } from './values.ts';

/** The `error` of a refused POST /prompt. */
export interface RequestError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

export function unknownNode(id: string, node: PromptNode, legacy: boolean): RequestError {
  const details = `Node ID '#${id}'`;
  const given = node.class_type === '' ? null : node.class_type;
  if (legacy) {
    const message =
      given === null
        ? 'Cannot execute because a node is missing the class_type property.'
        : `Cannot execute because node ${given} does not exist.`;
    return { type: 'invalid_prompt', message, details, extra_info: {} };
  }
  const title = node._meta?.title ?? given;
  const message =
    given === null
      ? `Node '${title ?? `ID #${id}`}' has no class_type. The workflow may be corrupted or a custom node is missing.`
      : `Node '${title}' not found. The custom node may not be installed.`;
  return {
    type: 'missing_node_type',
    message,
    details,
    extra_info: { node_id: id, class_type: given, node_title: title },
  };
}

export function missing(name: string): Problem {
  return {
    type: 'required_input_missing',
    message: 'Required input is missing',
    details: name,
    extra_info: { input_name: name },
  };
}

export function exceptionProblem(type: string, message: string, error: unknown, extra: object): Problem {
  const text = error instanceof Error ? error.message : String(error);
  const exception = error instanceof PythonError ? error.type : 'Exception';
  return {
    type,
    message,
    details: text,
    extra_info: { ...extra, exception_message: text, exception_type: exception, traceback: [] },
  };
}
