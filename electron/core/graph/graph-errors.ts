import { EnsembleError } from '../../../shared/errors.ts';
import type { ApiNode } from '../comfy/prompt.ts';

/** Errors about a workflow; they name nodes as their author knows them. */

/** e.g. “Sample” (KSampler, node 5). */
export function describeNode(nodes: ReadonlyMap<string, ApiNode>, id: string): string {
  const node = nodes.get(id);
  if (node === undefined) return `node ${id}`;
  const title = node._meta?.title;
  if (typeof title !== 'string' || title === '' || title === node.class_type) {
    return `${node.class_type} (node ${id})`;
  }
  return `“${title}” (${node.class_type}, node ${id})`;
}

export function badPrompt(message: string, hint: string | null = null): EnsembleError {
  return EnsembleError.badArgument('prompt', message, hint);
}

export function badNode(
  id: string,
  input: string,
  message: string,
  hint: string | null = null,
): EnsembleError {
  return EnsembleError.badArgument(`prompt.${id}.${input}`, message, hint);
}
