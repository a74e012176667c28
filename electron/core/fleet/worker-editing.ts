import { EnsembleError, type FieldProblem } from '../../../shared/errors.ts';
import type { DraftCheck, LocalDraft } from '../../../shared/instance-commands.ts';
import { isAlive } from '../../../shared/lifecycle.ts';
import { type InstanceId, MASTER_ID } from '../../../shared/model.ts';
import type { LocalWorkerSettings, Settings, WorkerSettings } from '../../../shared/settings.ts';
import { checkPort } from '../supervisor/ports.ts';
import type { Fleet } from './fleet.ts';
import { LocalInstance } from './local-instance.ts';
import { nameProblems, newWorkerId, rosterProblems } from './roster.ts';

/** Adding and changing local workers and the master, whose id is "master"; selecting and removing any. */
export class WorkerEditing {
  constructor(
    private readonly fleet: Fleet,
    private readonly reservedPorts: () => ReadonlyMap<number, string>,
  ) {}

  async check(id: InstanceId | null, draft: LocalDraft): Promise<DraftCheck> {
    const role = id === MASTER_ID ? 'master' : 'worker';
    const plan = this.fleet.planFor({
      ...draft,
      id: id ?? 'new-worker',
      type: 'local',
      role,
      selected: true,
    });
    const problems = [
      ...rosterProblems(draft, id, this.fleet.roster, this.reservedPorts()),
      ...(await this.#portProblems(id, draft)),
      ...plan.problems,
    ];
    return {
      problems: firstPerField(problems),
      command: [plan.file, ...plan.args],
      environment: plan.ownEnvironment,
    };
  }

  async add(draft: LocalDraft): Promise<InstanceId> {
    await this.#refuseBad(null, draft);
    const id = newWorkerId(this.fleet.deps.store.value);
    const worker: LocalWorkerSettings = { ...trimmed(draft), id, type: 'local', selected: true };
    await this.#change((settings) => ({ ...settings, workers: [...settings.workers, worker] }));
    return id;
  }

  async update(id: InstanceId, draft: LocalDraft, restart: boolean): Promise<void> {
    const instance = this.#local(id);
    await this.#refuseBad(id, draft);
    const portMoves = draft.port !== instance.definition.port;
    if (portMoves && isAlive(instance.process.state) && !restart) {
      throw new EnsembleError(
        'conflict',
        `${instance.definition.name} is running on port ${instance.definition.port}.`,
        'Stop it first, or save with “Restart now”.',
      );
    }
    if (portMoves && restart) await instance.stop();
    await this.#change((settings) =>
      id === MASTER_ID
        ? { ...settings, master: { ...settings.master, ...trimmed(draft) } }
        : { ...settings, workers: replaceWorker(settings, id, trimmed(draft)) },
    );
    if (restart) await instance.restart();
  }

  /** Stops it first; what is returned can be handed to restore. */
  async remove(id: InstanceId): Promise<{ removed: WorkerSettings; index: number }> {
    const { workers } = this.fleet.deps.store.value;
    const index = workers.findIndex((worker) => worker.id === id);
    const removed = workers[index];
    if (id === MASTER_ID) {
      throw new EnsembleError(
        'conflict',
        'The master cannot be removed.',
        'Switch it to orchestrator only instead.',
      );
    }
    if (removed === undefined) {
      throw new EnsembleError(
        'not-found',
        `There is no worker “${id}”.`,
        'The list may be out of date: reload it.',
      );
    }
    const instance = this.fleet.get(id);
    if (instance instanceof LocalInstance) await instance.stop();
    await this.#change((settings) => ({
      ...settings,
      workers: settings.workers.filter((worker) => worker.id !== id),
    }));
    return { removed, index };
  }

  /** What opened a remote one is still stored, until another one takes its id. */
  async restore(removed: WorkerSettings, index: number): Promise<void> {
    const { workers } = this.fleet.deps.store.value;
    if (workers.some((worker) => worker.id === removed.id)) {
      throw new EnsembleError('conflict', `${removed.name} is already there.`);
    }
    const { roster } = this.fleet;
    const problems =
      removed.type === 'local'
        ? rosterProblems(removed, null, roster, this.reservedPorts())
        : nameProblems(removed.name, roster);
    if (problems.length > 0) throw badDraft(problems);
    await this.#change((settings) => ({
      ...settings,
      workers: settings.workers.toSpliced(Math.min(index, settings.workers.length), 0, removed),
    }));
  }

  async select(id: InstanceId, selected: boolean): Promise<void> {
    this.fleet.get(id);
    await this.#change((settings) =>
      id === MASTER_ID
        ? { ...settings, master: { ...settings.master, selected } }
        : { ...settings, workers: replaceWorker(settings, id, { selected }) },
    );
  }

  /** @throws EnsembleError('conflict') for one on another machine */
  #local(id: InstanceId): LocalInstance {
    const instance = this.fleet.get(id);
    if (instance instanceof LocalInstance) return instance;
    throw new EnsembleError(
      'conflict',
      `${instance.definition.name} is a worker on another machine.`,
      'Use “remote.update”.',
    );
  }

  async #change(change: (settings: Settings) => Settings): Promise<void> {
    await this.fleet.deps.store.update(change);
    this.fleet.syncRoster();
  }

  async #refuseBad(id: InstanceId | null, draft: LocalDraft): Promise<void> {
    const { problems } = await this.check(id, draft);
    if (problems.length > 0) throw badDraft(problems);
  }

  /** Somebody else may listen there; our own running server on its own port is no clash. */
  async #portProblems(id: InstanceId | null, draft: LocalDraft): Promise<readonly FieldProblem[]> {
    const own = id === null ? null : this.#local(id);
    if (own !== null && own.definition.port === draft.port) return [];
    if ((await checkPort(draft.port)) === 'free') return [];
    return [{ field: 'port', message: `Port ${draft.port} is in use by another program.` }];
  }
}

function trimmed(draft: LocalDraft): LocalDraft {
  return { ...draft, name: draft.name.trim(), extraArgs: draft.extraArgs.trim() };
}

function replaceWorker(
  settings: Settings,
  id: InstanceId,
  change: Partial<LocalDraft> & { readonly selected?: boolean },
): readonly WorkerSettings[] {
  return settings.workers.map((worker) => (worker.id === id ? { ...worker, ...change } : worker));
}

function firstPerField(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const seen = new Map<string, FieldProblem>();
  for (const problem of problems) if (!seen.has(problem.field)) seen.set(problem.field, problem);
  return [...seen.values()];
}

function badDraft(problems: readonly FieldProblem[]): EnsembleError {
  const message = problems.map((problem) => problem.message).join(' ');
  return new EnsembleError('bad-argument', message, 'Change the fields named and save again.', problems);
}
