import { pythonRepr, pythonText, toFloat, toInteger } from './python-text.ts';
import { isRecord } from './values.ts';

export interface Problem {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}
export type Checked = { readonly value: unknown } | { readonly problem: Problem };

/** One literal input: converted as Python would, then checked against min, max and list unless the node checks it itself. */
export function checkValue(
  name: string,
  given: unknown,
  type: string | readonly string[],
  options: Readonly<Record<string, unknown>>,
  ownCheck: boolean,
  legacy: boolean,
): Checked {
  const config = [type, options];
  const raw = isRecord(given) && '__value__' in given ? given['__value__'] : given;
  let value: unknown;
  try {
    value = typeof type === 'string' ? convert(raw, type) : raw;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const extra_info = {
      input_name: name,
      input_config: config,
      received_value: raw,
      exception_message: reason,
    };
    const message = `Failed to convert an input value to a ${String(type)} value`;
    return {
      problem: {
        type: 'invalid_input_type',
        message,
        details: `${name}, ${pythonText(raw)}, ${reason}`,
        extra_info,
      },
    };
  }
  if (ownCheck) return { value };
  const extra_info = { input_name: name, input_config: config, received_value: value };
  const range = rangeProblem(name, value, options, extra_info);
  if (range !== null) return { problem: range };
  if (typeof type !== 'string' && !type.some((entry) => entry === value)) {
    return { problem: listProblem(name, value, type, extra_info, legacy) };
  }
  return { value };
}

function convert(value: unknown, type: string): unknown {
  if (type === 'INT') return toInteger(value);
  if (type === 'FLOAT') return toFloat(value);
  if (type === 'STRING') return pythonText(value);
  if (type === 'BOOLEAN') return isRecord(value) ? Object.keys(value).length > 0 : Boolean(value);
  return value;
}

function rangeProblem(
  name: string,
  value: unknown,
  options: Readonly<Record<string, unknown>>,
  extra_info: Problem['extra_info'],
): Problem | null {
  const { min, max } = { min: options['min'], max: options['max'] };
  if (!isNumber(value)) return null;
  if (isNumber(min) && value < min) {
    return {
      type: 'value_smaller_than_min',
      message: `Value ${value} smaller than min of ${min}`,
      details: name,
      extra_info,
    };
  }
  if (isNumber(max) && value > max) {
    return {
      type: 'value_bigger_than_max',
      message: `Value ${value} bigger than max of ${max}`,
      details: name,
      extra_info,
    };
  }
  return null;
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function listProblem(
  name: string,
  value: unknown,
  list: readonly string[],
  extra_info: Problem['extra_info'],
  legacy: boolean,
): Problem {
  const long = list.length > 20;
  const shown = legacy ? `'${pythonText(value)}'` : pythonRepr(value);
  const details = `${name}: ${shown} not in ${long ? `(list of length ${list.length})` : pythonRepr(list)}`;
  const info = long ? { ...extra_info, input_config: null } : extra_info;
  return { type: 'value_not_in_list', message: 'Value not in list', details, extra_info: info };
}
