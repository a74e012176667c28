import { readCatalog } from '../graph/catalog.ts';
import { distributedObjectInfo } from '../graph/distributed-definitions.ts';
import { comboValues } from '../graph/input-spec.ts';
import { isRecord } from '../plain-data.ts';
import type { FleetQuestions, Said } from './fleet-questions.ts';
import { DISTRIBUTED_CATEGORY, describedNode } from './node-words.ts';
import { joinChoices } from './prompt/fleet-catalogs.ts';
import { readTagged, tagged, writeTagged } from './tagged-json.ts';

/** The node definitions of the whole fleet, with the distributed nodes that no server has. */

type Info = Readonly<Record<string, unknown>>;

interface Known {
  readonly name: string;
  readonly info: Info;
}

/**
 * @param className null = all classes
 * @returns JSON text; null when no server answers
 */
export async function fleetObjectInfo(
  questions: FleetQuestions,
  className: string | null,
): Promise<string | null> {
  const path = className === null ? '/object_info' : `/object_info/${encodeURIComponent(className)}`;
  const said = await questions.all(path, true);
  const known = said.flatMap(readInfo);
  if (known.length === 0) return null;
  const ours = tagged(describedDistributed(known));
  const wanted =
    className === null
      ? ours
      : Object.fromEntries(Object.entries(ours).filter(([name]) => name === className));
  return writeTagged(mergeInfos(known, wanted));
}

/** The first server's own definitions go first, then those of the others, then ours. Pure. */
export function mergeInfos(known: readonly Known[], ours: Info): Info {
  const [first, ...others] = known;
  const merged: Record<string, unknown> = { ...first?.info };
  for (const { info } of others) {
    for (const [name, definition] of Object.entries(info))
      if (!Object.hasOwn(merged, name)) merged[name] = definition;
  }
  if (others.length > 0) {
    for (const [name, definition] of Object.entries(merged))
      merged[name] = joinDefinitions(name, definition, known);
  }
  for (const [name, definition] of Object.entries(ours)) {
    if (!Object.hasOwn(merged, name)) merged[name] = definition;
  }
  return merged;
}

function joinDefinitions(name: string, definition: unknown, known: readonly Known[]): unknown {
  if (!isRecord(definition)) return definition;
  const lacking = known.filter(({ info }) => !Object.hasOwn(info, name)).map((one) => one.name);
  const others = known.flatMap(({ info }) => {
    const other = info[name];
    return isRecord(other) && other !== definition && isRecord(other['input']) ? [other['input']] : [];
  });
  const input = isRecord(definition['input']) ? joinInputs(definition['input'], others) : definition['input'];
  const missing = choicesMissing(name, input, known);
  if (lacking.length === 0 && Object.keys(missing).length === 0) {
    return input === definition['input'] ? definition : { ...definition, input };
  }
  return { ...definition, input, ensemble: { missing_on: lacking, choices_missing_on: missing } };
}

/** The very same object when the others add nothing: most of thousands do not. */
function joinInputs(input: Info, others: readonly Info[]): Info {
  let changed = false;
  const joined = Object.fromEntries(
    Object.entries(input).map(([group, specs]) => {
      if (!isRecord(specs)) return [group, specs];
      const entries = Object.entries(specs).map(([name, spec]) => {
        const next = joinChoices(
          spec,
          others.map((other) => (isRecord(other[group]) ? other[group][name] : undefined)),
        );
        changed ||= next !== spec;
        return [name, next];
      });
      return [group, Object.fromEntries(entries)];
    }),
  );
  return changed ? joined : input;
}

/** input → choice → servers that do not offer it. */
function choicesMissing(className: string, input: unknown, known: readonly Known[]): Info {
  const missing: Record<string, Record<string, readonly string[]>> = {};
  for (const group of ['required', 'optional']) {
    for (const [name, spec] of Object.entries(groupOf(input, group))) {
      const choices = comboValues(spec);
      if (choices === null) continue;
      const offers = known.flatMap(({ name: server, info }) => {
        const definition = info[className];
        if (!isRecord(definition)) return [];
        return [{ server, values: new Set(comboValues(groupOf(definition['input'], group)[name]) ?? []) }];
      });
      for (const choice of choices) {
        const without = offers.filter(({ values }) => !values.has(choice)).map(({ server }) => server);
        if (without.length > 0) missing[name] = { ...missing[name], [String(choice)]: without };
      }
    }
  }
  return missing;
}

function groupOf(input: unknown, group: string): Info {
  const specs = isRecord(input) ? input[group] : null;
  return isRecord(specs) ? specs : {};
}

function describedDistributed([first]: readonly Known[]): Info {
  const definitions = distributedObjectInfo(first === undefined ? null : readCatalog(first.info));
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      isRecord(definition)
        ? { ...describedNode(name, definition), category: DISTRIBUTED_CATEGORY }
        : definition,
    ]),
  );
}

function readInfo({ instance, text }: Said): readonly Known[] {
  try {
    const info = readTagged(text);
    return isRecord(info) ? [{ name: instance.name, info }] : [];
  } catch {
    return [];
  }
}
