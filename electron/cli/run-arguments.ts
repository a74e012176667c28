import { EnsembleError } from '../../shared/errors.ts';
import { nearest } from '../../shared/nearest.ts';
import { LIMITS } from '../../shared/parse/fields.ts';
import {
  DEFAULT_RUN_OPTIONS,
  type InputOverride,
  type ModeChoice,
  type RunOptions,
} from '../../shared/runs.ts';

/** What `run` and `plan` have in common. */
export interface RunRequest {
  /** A file, or "-" for what comes in. */
  readonly workflow: string;
  /** `on` still holds what was written: ids or names. */
  readonly options: RunOptions;
}

export interface RunOptionValues {
  readonly copies?: string | undefined;
  readonly 'split-batch': boolean;
  readonly mode?: string | undefined;
  readonly on?: readonly string[] | undefined;
  readonly set?: readonly string[] | undefined;
  readonly front: boolean;
}

const MODES = ['auto', 'participating', 'orchestrator'] as const satisfies readonly ModeChoice[];

/** @throws EnsembleError('bad-argument') that names the option and what it takes */
export function runRequest(workflow: string, values: RunOptionValues): RunRequest {
  return {
    workflow,
    options: {
      copies: values.copies === undefined ? null : wholeNumber('copies', values.copies, 1, LIMITS.copies),
      splitBatch: values['split-batch'],
      mode: modeOf(values.mode),
      on: values.on === undefined ? null : instancesIn(values.on),
      set: (values.set ?? []).map(overrideOf),
      front: values.front,
    },
  };
}

/** @throws EnsembleError('bad-argument') */
export function wholeNumber(option: string, text: string, least: number, most: number): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= least && count <= most) return count;
  throw EnsembleError.badArgument(
    `--${option}`,
    `--${option} takes a whole number from ${least} to ${most}, not “${text}”.`,
  );
}

function modeOf(text: string | undefined): ModeChoice {
  if (text === undefined) return DEFAULT_RUN_OPTIONS.mode;
  const mode = MODES.find((known) => known === text);
  if (mode !== undefined) return mode;
  const guess = nearest(text, MODES);
  throw EnsembleError.badArgument(
    '--mode',
    `--mode takes ${MODES.slice(0, -1).join(', ')} or ${MODES.at(-1)}, not “${text}”.`,
    guess === null ? null : `Did you mean “${guess}”?`,
  );
}

function instancesIn(texts: readonly string[]): readonly string[] {
  const names = texts.flatMap((text) => text.split(',').map((name) => name.trim()));
  if (!names.includes('')) return [...new Set(names)];
  throw EnsembleError.badArgument(
    '--on',
    `--on takes ids or names, not “${texts.join(',')}”.`,
    'E.g. --on master,worker-1',
  );
}

/** A dot ends an id at once; titles may have dots of their own, so there the last one counts. */
const BY_ID = /^([\d:]+)\.(.+)$/s;
const BY_TITLE = /^(.+)\.([^.]+)$/s;

function overrideOf(text: string): InputOverride {
  const equals = text.indexOf('=');
  const target = text.slice(0, Math.max(0, equals));
  const match = BY_ID.exec(target) ?? BY_TITLE.exec(target);
  const [, node, input] = match ?? [];
  if (node !== undefined && input !== undefined) return { node, input, value: text.slice(equals + 1) };
  throw EnsembleError.badArgument(
    '--set',
    `--set takes NODE.INPUT=VALUE, not “${text.slice(0, 100)}”.`,
    'E.g. --set 3.seed=7, or --set "KSampler.steps=30"; NODE is an id or a title.',
  );
}
