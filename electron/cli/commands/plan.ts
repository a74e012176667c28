import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { PlanPreview, PlanShard } from '../../../shared/plans.ts';
import { parseExact, stringifyExact } from '../../core/exact-json.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { RunRequest } from '../run-arguments.ts';
import { paint, type Terminal, table } from '../terminal.ts';
import { withIds } from './run-workflow.ts';

export type PlanOrder = RunRequest & {
  readonly json: boolean;
  /** Print only what this shard sends. */
  readonly shard: number | null;
};

const KINDS: Readonly<Record<PlanPreview['kind'], string>> = {
  whole: 'The whole workflow on one participant',
  copies: 'Copies of the workflow with seeds of their own',
  distributed: 'A distributed workflow',
  'batch-split': 'Slices of one batch',
  tiles: 'Tiles of one picture',
};
const MODES: Readonly<Record<PlanPreview['mode'], string>> = {
  participating: 'participating',
  'orchestrator-only': 'orchestrator only',
  fallback: 'fallback',
};
/** More rows say nothing more. */
const MOST_SHARDS = 32;

/**
 * Shows what `run` would do.
 * @param workflow its text
 * @returns bad input where it could not be run
 */
export async function printPlan(
  client: ControlClient,
  order: PlanOrder,
  workflow: string,
  terminal: Terminal,
): Promise<ExitCode> {
  const options = await withIds(client, order.options);
  const plan = await client.invoke('runs.plan', { workflow, options });
  if (order.shard !== null) terminal.print(promptText(plan, order.shard, order.json));
  else if (order.json) terminal.print(JSON.stringify(plan));
  else for (const line of planLines(plan, terminal)) terminal.print(line);
  return plan.problems.length === 0 ? EXIT.ok : EXIT.badInput;
}

function promptText(plan: PlanPreview, shard: number, oneLine: boolean): string {
  const prompt = plan.prompts[plan.shards.findIndex(({ index }) => index === shard)];
  if (prompt !== undefined) return oneLine ? prompt : stringifyExact(parseExact(prompt), 2);
  const [problem] = plan.problems;
  if (problem !== undefined) throw EnsembleError.badArgument('workflow', problem);
  const shown = plan.prompts.length;
  const hint = shown < plan.shardCount ? `Only the first ${shown} are shown.` : 'The first shard is 0.';
  throw EnsembleError.badArgument('--shard', `There is no shard ${shard} among ${plan.shardCount}.`, hint);
}

export function planLines(plan: PlanPreview, terminal: Terminal): readonly string[] {
  const shards = plan.shardCount === 1 ? '1 shard' : `${plan.shardCount} shards`;
  return [
    `${KINDS[plan.kind]}: ${shards}, ${MODES[plan.mode]}. ${plan.modeReason}`,
    ...section('Participants', participantLines(plan, terminal)),
    ...section('Seeds', seedLines(plan)),
    ...section('Shards', shardLines(plan, terminal)),
    ...section(
      'Second pass on the master',
      plan.secondStage.length === 0 ? [] : [plan.secondStage.join(', ')],
    ),
    ...section('Files that it loads', inputLines(plan, terminal)),
    ...section(
      'Warnings',
      plan.warnings.map((text) => mark(terminal, 'warning', '!', text)),
    ),
    ...section(
      'Problems',
      plan.problems.map((text) => mark(terminal, 'error', '✗', text)),
    ),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function mark(terminal: Terminal, tone: Tone, sign: string, text: string): string {
  return `${paint(terminal, tone, sign)} ${text}`;
}

function participantLines({ participants }: PlanPreview, terminal: Terminal): readonly string[] {
  return participants.map(({ name, id, takesPart, reason }) => {
    const text = `${name} (${id})${reason === null ? '' : `: ${reason}`}`;
    if (!takesPart) return mark(terminal, 'neutral', '–', text);
    return reason === null ? mark(terminal, 'ok', '✓', text) : mark(terminal, 'warning', '!', text);
  });
}

function seedLines({ seeds, shardCount }: PlanPreview): readonly string[] {
  return seeds.map(({ nodeId, node, input, base }) => {
    const last = shardCount === 1 ? '' : ` to ${BigInt.asUintN(64, BigInt(base) + BigInt(shardCount - 1))}`;
    return `${node} (${nodeId}), ${input}: ${base}${last}`;
  });
}

function shardLines({ shards, shardCount }: PlanPreview, terminal: Terminal): readonly string[] {
  const rows = shards
    .slice(0, MOST_SHARDS)
    .map((shard) => [
      { text: String(shard.index) },
      { text: shard.seed ?? '–' },
      { text: String(shard.nodes) },
      { text: ownOf(shard) },
    ]);
  const more = shardCount - rows.length;
  return [
    ...table(terminal, ['SHARD', 'SEED', 'NODES', 'OF ITS OWN'], rows),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

function ownOf({ slice, values }: PlanShard): string {
  const pictures =
    slice === null ? [] : [`pictures ${slice.first} to ${slice.first + slice.count - 1} of the batch`];
  const literals = values.map(({ nodeId, input, value }) => `${nodeId}.${input}=${value}`);
  return [...pictures, ...literals].join(', ') || '–';
}

function inputLines({ inputs }: PlanPreview, terminal: Terminal): readonly string[] {
  return inputs.map(({ name, bytes, missing }) => {
    if (missing) return mark(terminal, 'error', '✗', `${name}: missing on the master`);
    return mark(terminal, 'ok', '✓', bytes === null ? name : `${name} (${Math.ceil(bytes / 1024)} KiB)`);
  });
}
