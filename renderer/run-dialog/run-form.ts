import type { FieldProblem } from '../../shared/errors.ts';
import type { InstanceId } from '../../shared/model.ts';
import type { PlanSeed } from '../../shared/plans.ts';
import type { InputOverride, ModeChoice, RunOptions } from '../../shared/runs.ts';

/** What is typed into "Run workflow…", and what it means. Pure. */

export interface RunForm {
  /** Empty = automatic. */
  readonly copies: string;
  readonly splitBatch: boolean;
  readonly mode: ModeChoice;
  /** null = the selected ones. */
  readonly on: readonly InstanceId[] | null;
  readonly front: boolean;
  /** Base seeds that were typed over, by seedKey. */
  readonly seeds: Readonly<Record<string, string>>;
  readonly set: readonly InputOverride[];
  /** What the first seed is set to as soon as the plan tells which one that is. */
  readonly wantedSeed: string | null;
}

export const EMPTY_FORM: RunForm = {
  copies: '',
  splitBatch: false,
  mode: 'auto',
  on: null,
  front: false,
  seeds: {},
  set: [],
  wantedSeed: null,
};

export function formOf(options: RunOptions, wantedSeed: string | null): RunForm {
  return {
    ...EMPTY_FORM,
    copies: options.copies === null ? '' : String(options.copies),
    splitBatch: options.splitBatch,
    mode: options.mode,
    on: options.on,
    set: options.set,
    wantedSeed,
  };
}

export const MOST_COPIES = 100_000;
export const seedKey = (seed: Pick<PlanSeed, 'nodeId' | 'input'>): string => `${seed.nodeId}\n${seed.input}`;

export interface RunFormReading {
  /** null while something typed means nothing. */
  readonly options: RunOptions | null;
  readonly problems: readonly FieldProblem[];
}

export function readRunForm(form: RunForm): RunFormReading {
  const problems: FieldProblem[] = [];
  const copies = form.copies.trim() === '' ? null : Number(form.copies);
  if (copies !== null && !(Number.isInteger(copies) && copies >= 1 && copies <= MOST_COPIES)) {
    problems.push({
      field: 'copies',
      message: `A whole number from 1 to ${MOST_COPIES.toLocaleString('en')}, or nothing for automatic.`,
    });
  }
  for (const [key, value] of Object.entries(form.seeds)) {
    if (!isSeed(value)) problems.push({ field: key, message: 'A whole number from 0 to 2^64 − 1.' });
  }
  // Half-filled lines of overrides wait for the rest.
  const complete = form.set.filter(({ node, input }) => node.trim() !== '' && input.trim() !== '');
  const { splitBatch, mode, on, front } = form;
  const options = {
    copies,
    splitBatch,
    mode,
    on,
    front,
    set: [...notSeeds(complete, form), ...seedSets(form)],
  };
  return { options: problems.length === 0 ? options : null, problems };
}

function isSeed(text: string): boolean {
  return /^\d{1,20}$/.test(text.trim()) && BigInt(text.trim()) < 2n ** 64n;
}

/** A seed typed over its field replaces an override of the same input. */
function notSeeds(set: readonly InputOverride[], form: RunForm): readonly InputOverride[] {
  return set.filter(({ node, input }) => form.seeds[seedKey({ nodeId: node, input })] === undefined);
}

function seedSets(form: RunForm): readonly InputOverride[] {
  return Object.entries(form.seeds).map(([key, value]) => {
    const [node = '', input = ''] = key.split('\n');
    return { node, input, value: value.trim() };
  });
}

/**
 * Sets the first seed to the wanted one and moves all others by as much, so that a picture made with several seeds is met
 * exactly.
 */
export function applyWantedSeed(form: RunForm, seeds: readonly PlanSeed[]): RunForm {
  const first = seeds[0];
  if (form.wantedSeed === null) return form;
  if (first === undefined) return { ...form, wantedSeed: null };
  const shift = BigInt(form.wantedSeed) - BigInt(first.base);
  const moved = seeds.map((seed) => [seedKey(seed), String(BigInt.asUintN(64, BigInt(seed.base) + shift))]);
  return { ...form, wantedSeed: null, seeds: Object.fromEntries(moved) };
}

/** A list of instances says exactly who takes part, so the master is in it when the chosen mode lets it render. */
export function withMaster(
  options: RunOptions,
  master: { readonly id: InstanceId; readonly selected: boolean } | null,
): RunOptions {
  if (options.on === null || master === null) return options;
  const workers = options.on.filter((id) => id !== master.id);
  const renders = options.mode === 'participating' || (options.mode === 'auto' && master.selected);
  const on = renders ? [master.id, ...workers] : workers;
  // Nobody at all cannot be asked for: an orchestrating master then steps in, and the plan says so.
  return { ...options, on: on.length === 0 ? [master.id] : on };
}

/** The list of instances after one was ticked or not. @param selected what counts while nothing was chosen */
export function toggleInstance(
  on: readonly InstanceId[] | null,
  selected: readonly InstanceId[],
  id: InstanceId,
  ticked: boolean,
): readonly InstanceId[] {
  const others = (on ?? selected).filter((candidate) => candidate !== id);
  return ticked ? [...others, id] : others;
}
