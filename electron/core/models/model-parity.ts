import { conditionOf } from '../../../shared/condition.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import type { ModelReport, ModelScript, ScriptShell } from '../../../shared/models.ts';
import { union } from '../gateway/prompt/fleet-catalogs.ts';
import { EMPTY_CATALOG, type NodeCatalog } from '../graph/catalog.ts';
import type { InputLibrary } from '../media/input-library.ts';
import type { Catalogs } from '../runs/catalogs.ts';
import { pictureSizes } from '../runs/picture-sizes.ts';
import { folderWith, offeredFiles } from './model-folders.ts';
import { allFolders, type FileSizes, folderFiles, type ServerText } from './model-lists.ts';
import { type FoundModel, type FoundUse, namedModels } from './named-models.ts';
import { type InstanceFacts, isOutdated, reportOf } from './report.ts';
import { scriptFor } from './script/script.ts';
import type { UrlStore } from './url-store.ts';
import { needsOf, type WorkflowNeeds } from './workflow-needs.ts';

export interface ModelParityDeps {
  /** Master first. */
  readonly instances: () => readonly InstanceSnapshot[];
  /** null when there is no such instance. */
  readonly server: (id: InstanceId) => ServerText | null;
  readonly catalogs: Pick<Catalogs, 'load' | 'forget'>;
  readonly library: Pick<InputLibrary, 'find'>;
  readonly urls: UrlStore;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** A server that walks its model folders on a slow disk may take a while; a person in front of a dialog will not. */
const PATIENCE_MS = 20_000;
const PAST_PATIENCE = 'It did not list its models within 20 seconds.';

interface Asked {
  readonly instance: InstanceSnapshot;
  readonly catalog: NodeCatalog | null;
  readonly server: ServerText | null;
}

/** Which models a workflow needs, where they are, and the script that brings the rest. */
export class ModelParity {
  constructor(private readonly deps: ModelParityDeps) {}

  /** @throws EnsembleError('bad-argument') for a text that is no workflow */
  async check(text: string): Promise<ModelReport> {
    const { catalogs, library, urls, instances, server } = this.deps;
    const servers = await Promise.all(
      instances().map(
        async (instance): Promise<Asked> => ({
          instance,
          catalog: await catalogs.load(instance),
          server: server(instance.id),
        }),
      ),
    );
    const any = merged(servers);
    const needs = await needsOf({
      text,
      catalog: any,
      participants: servers.map(({ instance }) => instance),
      pictures: (prompt) => pictureSizes(prompt, any, library),
    });
    const found = await this.#find(needs, any ?? EMPTY_CATALOG, servers);
    const facts = await Promise.all(servers.map((asked) => this.#ask(asked, found, needs)));
    return reportOf(found, needs, facts, (folder, name) => urls.find(folder, name));
  }

  /**
   * @param instance null = what is missing anywhere
   * @throws EnsembleError('bad-argument' | 'not-found')
   */
  async script(text: string, shell: ScriptShell, instance: InstanceId | null): Promise<ModelScript> {
    const report = await this.check(text);
    if (instance === null || report.instances.some(({ id }) => id === instance)) {
      return scriptFor(report, shell, instance);
    }
    throw new EnsembleError('not-found', `There is no instance ${instance}.`, null);
  }

  async #find(
    needs: WorkflowNeeds,
    any: NodeCatalog,
    servers: readonly Asked[],
  ): Promise<readonly FoundModel[]> {
    const { shards, secondStage, variants, page } = needs;
    const prompts = [...shards, ...(secondStage === null ? [] : [secondStage]), ...variants];
    const entered = (name: string): string | null => this.deps.urls.folderFor(name);
    const first = namedModels(prompts, any, page, (_, name) => entered(name));
    const lost = first.filter(({ folder }) => folder === null).flatMap(({ uses }) => uses);
    if (lost.length === 0) return first;
    const known = new Map<string, string | null>();
    for (const use of lost) {
      if (!known.has(inputKey(use))) known.set(inputKey(use), await folderByContent(use, servers));
    }
    return namedModels(
      ...([prompts, any, page] as const),
      (use, name) => entered(name) ?? known.get(inputKey(use)) ?? null,
    );
  }

  async #ask(
    { instance, catalog, server }: Asked,
    found: readonly FoundModel[],
    needs: WorkflowNeeds,
  ): Promise<InstanceFacts> {
    const { catalogs, now } = this.deps;
    const { id, name, role } = instance;
    const nobody = { id, name, role, catalog: null, folders: new Map() };
    if (server === null || instance.link.status !== 'up') {
      return { ...nobody, silent: sentence(conditionOf(instance, now()).word) };
    }
    const folders = await foldersOf(server, found).catch(whySilent);
    if (typeof folders === 'string') return { ...nobody, silent: folders };
    const facts = { id, name, role, silent: null, catalog, folders };
    if (catalog === null || !isOutdated(found, needs, facts)) return facts;
    catalogs.forget(id);
    return { ...facts, catalog: await catalogs.load(instance) };
  }
}

function inputKey({ className, input }: FoundUse): string {
  return `${className}\n${input ?? ''}`;
}

function merged(servers: readonly Asked[]): NodeCatalog | null {
  const known = servers.flatMap(({ catalog }) => (catalog === null ? [] : [catalog]));
  return known.length === 0 ? null : union(known);
}

/** Where neither class nor input tells the folder, the lists do: one folder holds all that the input offers. */
async function folderByContent(
  { className, input }: FoundUse,
  servers: readonly Asked[],
): Promise<string | null> {
  if (input === null) return null;
  for (const { catalog, server } of servers) {
    if (catalog === null || server === null) continue;
    const offered = offeredFiles(catalog, className, input);
    if (offered.length === 0) continue;
    const folders = await allFolders(server, AbortSignal.timeout(PATIENCE_MS)).catch(() => null);
    if (folders !== null) return folderWith(offered, folders);
  }
  return null;
}

async function foldersOf(
  server: ServerText,
  found: readonly FoundModel[],
): Promise<ReadonlyMap<string, FileSizes | null>> {
  const names = [...new Set(found.flatMap(({ folder }) => (folder === null ? [] : [folder])))];
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const lists = await Promise.all(names.map((folder) => folderFiles(server, folder, signal)));
  return new Map(names.map((folder, index) => [folder, lists[index] ?? null]));
}

/** "Stopped" → "Stopped."; reasons may be sentences already. */
function sentence(words: string): string {
  return /[.…]$/.test(words) ? words : `${words}.`;
}

/** One server that fails must not keep the others from being told. */
function whySilent(error: unknown): string {
  const isLate = error instanceof DOMException && error.name === 'TimeoutError';
  return isLate ? PAST_PATIENCE : messageOf(error);
}
