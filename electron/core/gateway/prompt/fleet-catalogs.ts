import { inputSpec, type NodeCatalog, type NodeDefinition } from '../../graph/catalog.ts';
import { withDistributed } from '../../graph/distributed-definitions.ts';
import { comboValues } from '../../graph/input-spec.ts';
import { isRecord } from '../../plain-data.ts';
import type { Catalogs } from '../../runs/catalogs.ts';
import type { RunFleet } from '../../runs/run-fleet.ts';

/** What the fleet offers as a whole: a class or model that any server has can be used. */
export class FleetCatalogs {
  constructor(
    private readonly fleet: Pick<RunFleet, 'instances'>,
    private readonly catalogs: Pick<Catalogs, 'load' | 'forget'>,
  ) {}

  /**
   * @param fresh reads the lists of all servers again
   * @returns null when no server answers
   */
  async merged(fresh: boolean): Promise<NodeCatalog | null> {
    const instances = this.fleet.instances();
    if (fresh) for (const { id } of instances) this.catalogs.forget(id);
    const loaded = await Promise.all(instances.map((instance) => this.catalogs.load(instance)));
    const known = loaded.filter((catalog): catalog is NodeCatalog => catalog !== null);
    return known.length === 0 ? null : withDistributed(union(known));
  }
}

/** The first one's definitions, with the choices of all of them. */
export function union(catalogs: readonly NodeCatalog[]): NodeCatalog {
  const known = new Map<string, NodeDefinition | null>();
  return {
    find: (className) => {
      const before = known.get(className);
      if (before !== undefined) return before;
      const definitions = catalogs.flatMap((catalog) => catalog.find(className) ?? []);
      const [first, ...others] = definitions;
      const joined = first === undefined ? null : others.length === 0 ? first : withChoices(first, others);
      known.set(className, joined);
      return joined;
    },
  };
}

function withChoices(first: NodeDefinition, others: readonly NodeDefinition[]): NodeDefinition {
  const joined = (specs: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
    Object.fromEntries(
      Object.entries(specs).map(([name, spec]) => [
        name,
        joinChoices(
          spec,
          others.map((other) => inputSpec(other, name)),
        ),
      ]),
    );
  const { required, optional } = first.input;
  return { ...first, input: { required: joined(required), optional: joined(optional) } };
}

/** A list of choices with those of other servers behind its own; the very same spec when they add nothing. */
export function joinChoices(spec: unknown, others: readonly unknown[]): unknown {
  if (!Array.isArray(spec)) return spec;
  const own = isPlainCombo(spec) ? comboValues(spec) : null;
  if (own === null) return spec;
  const all = new Set(own);
  for (const other of others)
    if (isPlainCombo(other)) for (const value of comboValues(other) ?? []) all.add(value);
  if (all.size === own.length) return spec;
  if (Array.isArray(spec[0])) return [[...all], ...spec.slice(1)];
  return [spec[0], { ...(isRecord(spec[1]) ? spec[1] : {}), options: [...all] }, ...spec.slice(2)];
}

/** Not one whose options have inputs of their own. */
function isPlainCombo(spec: unknown): boolean {
  return Array.isArray(spec) && (Array.isArray(spec[0]) || spec[0] === 'COMBO');
}
