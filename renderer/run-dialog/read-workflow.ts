import { formatBytes } from '../store/format.ts';

/** What a workflow file has to be before it is sent anywhere. Pure. */

/** Characters; the control center takes no more. */
export const MOST_CHARACTERS = 32 * 1024 * 1024;

export type WorkflowCheck =
  | { readonly ok: true; readonly nodes: number; readonly format: 'api' | 'ui' }
  | { readonly ok: false; readonly problem: string };

const refuse = (problem: string): WorkflowCheck => ({ ok: false, problem });

/** Refuses by size alone, before anything is read. @param bytes of the file; null = fine */
export function sizeProblem(name: string, bytes: number): string | null {
  if (bytes <= MOST_CHARACTERS) return null;
  return `${name} has ${formatBytes(bytes)}: workflows of more than ${formatBytes(MOST_CHARACTERS)} are not read.`;
}

/** @param name of the file, for the messages */
export function checkWorkflow(name: string, text: string): WorkflowCheck {
  if (text.length > MOST_CHARACTERS) return refuse(sizeProblem(name, text.length) ?? '');
  if (text.trim() === '') return refuse(`${name} is empty.`);
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    return refuse(`${name} is not valid JSON${placeWords(text, error)}.`);
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    return refuse(`${name} is JSON, but no workflow: it has no nodes.`);
  }
  return countNodes(name, root);
}

function countNodes(name: string, root: object): WorkflowCheck {
  const { nodes } = root as { readonly nodes?: unknown };
  if (Array.isArray(nodes)) {
    return nodes.length === 0
      ? refuse(`${name} has no nodes.`)
      : { ok: true, nodes: nodes.length, format: 'ui' };
  }
  const wrapped = (root as { readonly prompt?: unknown }).prompt;
  const prompt = typeof wrapped === 'object' && wrapped !== null ? wrapped : root;
  const count = Object.values(prompt).filter(isNode).length;
  return count === 0
    ? refuse(`${name} is JSON, but no workflow: nothing in it has a class_type.`)
    : { ok: true, nodes: count, format: 'api' };
}

function isNode(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'class_type' in value;
}

/** Where reading stopped: engines tell a position, people count lines. */
function placeWords(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined)
    return /end of (JSON )?(input|data)/i.test(message) ? ': it ends too early' : '';
  const before = text.slice(0, Number(position));
  const line = before.split('\n').length;
  return `: line ${line}, column ${before.length - before.lastIndexOf('\n')}`;
}

/** "portrait.json", "portrait_00001_.png" → the name before the dot */
export function nameOfFile(fileName: string): string {
  return fileName.replace(/\.(json|png|webp)$/i, '').slice(0, 200) || 'Workflow';
}
