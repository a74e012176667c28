import { EnsembleError } from '../../../shared/errors.ts';
import { parseExact } from '../exact-json.ts';
import { inputType } from './catalog.ts';
import { comboValues, specOptions } from './input-spec.ts';
import { SEED_LIMIT } from './literals.ts';
import { isLink } from './node-graph.ts';

/** A value as a person wrote it, for one input of one node. */
export interface WrittenValue {
  readonly text: string;
  /** Raw spec of the input; null when no catalog knows it. */
  readonly spec: unknown;
  /** What the workflow has there. */
  readonly current: unknown;
  /** For errors: node and input. */
  readonly where: string;
}

const TRUE: ReadonlySet<unknown> = new Set([true, 1, 'true', 'yes', 'on']);
const FALSE: ReadonlySet<unknown> = new Set([false, 0, 'false', 'no', 'off']);

/**
 * The value with the type that the input takes.
 * @throws EnsembleError bad-argument
 */
export function readOverrideValue(written: WrittenValue): unknown {
  const { spec, text } = written;
  const json = readJson(text);
  if (isLink(json)) return json;
  const choices = comboValues(spec);
  if (choices) return asChoice(choices, json, text);
  switch (typeOf(spec)) {
    case 'INT':
      return inRange(asInteger(json, written), written);
    case 'FLOAT':
      return inRange(asNumber(json, written), written);
    case 'BOOLEAN':
      return asBoolean(json, written);
    case 'STRING':
      return typeof json === 'string' ? json : text;
    case null:
      return likeCurrent(json, written);
    default:
      return asIs(json, written);
  }
}

/** Undefined for what is no JSON. */
function readJson(text: string): unknown {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

function typeOf(spec: unknown): string | null {
  const widget = specOptions(spec)['widgetType'];
  return typeof widget === 'string' ? widget : inputType(spec);
}

/** The offered value that was written; a name that this server lacks is kept, another may have it. */
function asChoice(choices: readonly unknown[], json: unknown, text: string): unknown {
  if (choices.includes(text)) return text;
  if (json !== undefined && choices.includes(json)) return json;
  const spelt = choices.find((choice) => String(choice) === text);
  return spelt ?? (typeof json === 'string' ? json : text);
}

function asInteger(json: unknown, written: WrittenValue): number | bigint {
  const value = typeof json === 'string' ? readJson(json) : json;
  if (typeof value === 'bigint' || Number.isSafeInteger(value)) return value as number | bigint;
  throw refusal(written, 'takes a whole number');
}

function asNumber(json: unknown, written: WrittenValue): number {
  const value = typeof json === 'string' ? readJson(json) : json;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw refusal(written, 'takes a number');
}

function asBoolean(json: unknown, written: WrittenValue): boolean {
  const word = typeof json === 'number' || typeof json === 'boolean' ? json : written.text.toLowerCase();
  if (TRUE.has(word)) return true;
  if (FALSE.has(word)) return false;
  throw refusal(written, 'takes true or false');
}

function inRange<Value extends number | bigint>(value: Value, written: WrittenValue): Value {
  const { min, max } = specOptions(written.spec);
  const lowest = limit(min);
  const highest = limit(max);
  if (lowest !== null && value < lowest) throw refusal(written, `takes no less than ${lowest}`);
  if (highest !== null && value > highest) throw refusal(written, `takes no more than ${highest}`);
  return value;
}

/** 2^64 − 1, the highest seed, is 2^64 once a double has held it. */
function limit(value: unknown): number | bigint | null {
  if (value === Number(SEED_LIMIT)) return SEED_LIMIT - 1n;
  return typeof value === 'number' || typeof value === 'bigint' ? value : null;
}

/** Without a definition, text stays text where the workflow has text. */
function likeCurrent(json: unknown, { current, text }: WrittenValue): unknown {
  if (json === undefined) return text;
  return typeof current === 'string' && typeof json !== 'string' ? text : json;
}

/** Other types hold what their widget makes of them, or nothing but links. */
function asIs(json: unknown, written: WrittenValue): unknown {
  const socket = written.current === undefined || isLink(written.current);
  const plain = typeof json !== 'object' || json === null;
  if (socket && plain && specOptions(written.spec)['default'] === undefined) {
    throw refusal(written, `takes a link (${typeOf(written.spec)})`);
  }
  return json === undefined ? written.text : json;
}

function refusal({ where, text }: WrittenValue, wants: string): EnsembleError {
  return EnsembleError.badArgument('set', `${where}, ${wants}, not "${text}".`);
}
