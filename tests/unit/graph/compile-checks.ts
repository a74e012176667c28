import { expect } from 'vitest';
import type { ApiPrompt } from '../../../electron/core/comfy/prompt.ts';

/** What holds for every prompt that the compiler makes. */

type Link = readonly [string, number];

export function links(prompt: ApiPrompt, id: string): readonly Link[] {
  return Object.values(prompt[id]?.inputs ?? {}).filter(
    (value): value is Link => Array.isArray(value) && value.length === 2 && typeof value[0] === 'string',
  );
}

/** Closed but for `open` ids, without circles, and without a node that no output needs. */
export function expectSound(
  prompt: ApiPrompt,
  outputs: readonly string[],
  open: readonly string[] = [],
): void {
  const ids = Object.keys(prompt);
  const dangling = ids.flatMap((id) => links(prompt, id).map(([source]) => source));
  expect(dangling.filter((source) => prompt[source] === undefined && !open.includes(source))).toEqual([]);
  const needed = new Set<string>();
  const path = new Set<string>();
  const visit = (id: string): void => {
    if (path.has(id)) throw new Error(`circle through ${id}`);
    if (needed.has(id) || prompt[id] === undefined) return;
    needed.add(id);
    path.add(id);
    for (const [source] of links(prompt, id)) visit(source);
    path.delete(id);
  };
  for (const id of outputs) visit(id);
  expect(ids.filter((id) => !needed.has(id))).toEqual([]);
}
