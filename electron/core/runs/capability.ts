import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import { shardPrompt } from '../graph/compile.ts';
import type { Plan } from '../graph/plan.ts';
import { describeMissing, missingOn } from '../graph/requirements.ts';

/** What a server lacks, remembered per graph and per life of the server: 1,000 shards ask the same question. */

const known = new WeakMap<NodeCatalog, WeakMap<object, string | null>>();

/** Why a server cannot run a prompt, in words; null when it can. */
export function whyUnable(prompt: ApiPrompt, catalog: NodeCatalog): string | null {
  const answers = known.get(catalog) ?? new WeakMap<object, string | null>();
  known.set(catalog, answers);
  const before = answers.get(prompt);
  if (before !== undefined) return before;
  const missing = missingOn(prompt, catalog);
  const why = missing.length === 0 ? null : describeMissing(missing);
  answers.set(prompt, why);
  return why;
}

/** Why a server cannot compute any shard of this shape; null when it can. */
export function whyUnableToRun(plan: Plan, catalog: NodeCatalog): string | null {
  for (const { prompt } of plan.templates) {
    const why = whyUnable(prompt, catalog);
    if (why !== null) return why;
  }
  return null;
}

/**
 * Why a server cannot compute this very shard.
 * @returns `always`: no shard of its template; `only this`: a value of its own is what is missing
 */
export function whyUnableFor(
  plan: Plan,
  index: number,
  catalog: NodeCatalog,
): { readonly why: string; readonly scope: 'template' | 'shard' } | null {
  const shard = plan.shards[index];
  const template = plan.templates[shard?.template ?? 0];
  if (shard === undefined || template === undefined) return null;
  const why = whyUnable(template.prompt, catalog);
  if (why !== null) return { why, scope: 'template' };
  // Numbers are seeds and batch positions: every server takes those.
  if (!shard.literals.some(({ value, input }) => typeof value === 'string' && input !== 'filename_prefix'))
    return null;
  const own = missingOn(shardPrompt(plan, index), catalog);
  return own.length === 0 ? null : { why: describeMissing(own), scope: 'shard' };
}
