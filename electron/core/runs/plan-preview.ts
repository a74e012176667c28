import type { PlanPreview, PlanShard } from '../../../shared/plans.ts';
import { nodeTitle } from '../comfy/prompt.ts';
import { stringifyExact } from '../exact-json.ts';
import { shardPrompt } from '../graph/compile.ts';
import type { Plan, ShardPlan } from '../graph/plan.ts';
import type { Submission } from './submission.ts';

/** Shards that are shown before a run; their number is told apart. */
const SHOWN = 200;
/** Prompts that are sent along, characters in all: a page must not be handed 200 large graphs. */
const PROMPT_CHARACTERS = 4_000_000;

/** What would happen, in the words of the contract. */
export function previewOf({ plan, selection, inputs, warnings, problems }: Submission): PlanPreview {
  const shown = plan.shards.slice(0, SHOWN);
  return {
    kind: plan.kind,
    mode: selection.mode,
    modeReason: selection.modeReason,
    participants: selection.all,
    seeds: plan.seeds.map(({ nodeId, input, base }) => ({
      nodeId,
      node: titleIn(plan, nodeId),
      input,
      base: base.toString(),
    })),
    shards: shown.map((shard) => shardPreview(plan, shard)),
    shardCount: plan.shards.length,
    secondStage: [...new Set(Object.keys(plan.secondStage?.prompt ?? {}).map((id) => titleIn(plan, id)))],
    inputs,
    warnings,
    problems,
    prompts: promptsOf(plan, shown),
  };
}

function shardPreview(plan: Plan, { index, template, literals, seed, slice }: ShardPlan): PlanShard {
  const seeds = new Set(plan.seeds.map(({ input }) => input));
  const own = literals.filter(
    ({ input, value }) => input !== 'filename_prefix' && !isSeed(seeds, input, value),
  );
  return {
    index,
    seed: seed?.toString() ?? null,
    slice,
    values: slice === null ? own.map((one) => ({ ...one, value: stringifyExact(one.value) })) : [],
    nodes: Object.keys(plan.templates[template]?.prompt ?? {}).length,
  };
}

function isSeed(seeds: ReadonlySet<string>, input: string, value: unknown): boolean {
  return seeds.has(input) && (typeof value === 'bigint' || typeof value === 'number');
}

function titleIn(plan: Plan, nodeId: string): string {
  if (Object.hasOwn(plan.titles, nodeId)) return plan.titles[nodeId] ?? nodeId;
  for (const { prompt } of [...plan.templates, ...(plan.secondStage === null ? [] : [plan.secondStage])]) {
    const title = nodeTitle(prompt, nodeId);
    if (title !== null) return title;
  }
  return nodeId;
}

function promptsOf(plan: Plan, shards: readonly ShardPlan[]): readonly string[] {
  const prompts: string[] = [];
  let characters = 0;
  for (const { index } of shards) {
    const text = stringifyExact(shardPrompt(plan, index));
    characters += text.length;
    if (characters > PROMPT_CHARACTERS) break;
    prompts.push(text);
  }
  return prompts;
}
