import { comboValues, specOptions } from '../../graph/input-spec.ts';
import { isUnlisted } from '../../graph/requirements.ts';
import { isRecord } from '../../plain-data.ts';
import type { Problem } from './problems.ts';
import { PythonError, pythonRepr, pythonText, toFloat, toInteger } from './python-words.ts';

/** Longer lists are not sent back. */
const LONG_LIST = 20;

export interface InputUnderTest {
  readonly className: string;
  readonly name: string;
  /** Raw, as /object_info has it. */
  readonly spec: unknown;
  readonly value: unknown;
  readonly legacy: boolean;
}

/** One literal: converted as Python would, then compared with range and list. null when nothing is wrong with it. */
export function problemOf(input: InputUnderTest): Problem | null {
  const { spec, name, value: given } = input;
  const raw = isRecord(given) && '__value__' in given ? given['__value__'] : given;
  const config = configOf(spec);
  let value: unknown;
  try {
    value = converted(raw, config[0]);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return {
      type: 'invalid_input_type',
      message: `Failed to convert an input value to a ${String(config[0])} value`,
      details: `${name}, ${pythonText(raw)}, ${error.message}`,
      extra_info: {
        ...{ input_name: name, input_config: config, received_value: raw },
        exception_message: error.message,
      },
    };
  }
  const extra = { input_name: name, input_config: config, received_value: value };
  return rangeProblem(name, value, specOptions(spec), extra) ?? listProblem(input, value, extra);
}

/** Type and options, as ComfyUI puts them into its errors. */
export function configOf(spec: unknown): readonly [unknown, unknown] {
  return Array.isArray(spec) ? [spec[0], specOptions(spec)] : [spec, {}];
}

function converted(value: unknown, type: unknown): unknown {
  if (type === 'INT') return toInteger(value);
  if (type === 'FLOAT') return toFloat(value);
  if (type === 'STRING') return pythonText(value);
  return value;
}

function rangeProblem(
  name: string,
  value: unknown,
  { min, max }: Readonly<Record<string, unknown>>,
  extra_info: Readonly<Record<string, unknown>>,
): Problem | null {
  if (!isNumber(value)) return null;
  if (isNumber(min) && value < min) {
    const message = `Value ${value} smaller than min of ${min}`;
    return { type: 'value_smaller_than_min', message, details: name, extra_info };
  }
  if (isNumber(max) && value > max) {
    const message = `Value ${value} bigger than max of ${max}`;
    return { type: 'value_bigger_than_max', message, details: name, extra_info };
  }
  return null;
}

function listProblem(
  { className, name, spec, legacy }: InputUnderTest,
  value: unknown,
  extra: Readonly<Record<string, unknown>>,
): Problem | null {
  const choices = comboValues(spec);
  if (choices === null || isUnlisted(className, name, spec)) return null;
  if (Array.isArray(value) || choices.some((choice) => isSame(choice, value))) return null;
  const isLong = choices.length > LONG_LIST;
  const shown = legacy ? `'${pythonText(value)}'` : pythonRepr(value);
  return {
    type: 'value_not_in_list',
    message: 'Value not in list',
    details: `${name}: ${shown} not in ${isLong ? `(list of length ${choices.length})` : pythonRepr(choices)}`,
    extra_info: isLong ? { ...extra, input_config: null } : extra,
  };
}

/** Windows servers have backslashes in the names of models. */
function isSame(choice: unknown, value: unknown): boolean {
  if (typeof choice !== 'string' || typeof value !== 'string') return choice === value;
  return choice.replaceAll('\\', '/') === value.replaceAll('\\', '/');
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
