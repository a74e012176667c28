import type { AgentSettings } from '../../../shared/agents.ts';
import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import type { RemoteDraft, RemoteWorkerSettings, WorkerSource } from '../../../shared/remote.ts';

/** Which workers the instances of a paired machine become. Pure, but for the interface at its end. */

/** An instance of the agent that is to become a worker here. */
export interface NewWorker {
  readonly instance: InstanceId;
  readonly draft: RemoteDraft;
}

export interface WorkersNow {
  readonly workers: readonly RemoteWorkerSettings[];
  /** Of the whole roster. */
  readonly names: readonly string[];
}

/**
 * @param everything also those that were known before: the fleet that is open has never had any of them
 * @returns one for each instance that is neither a worker yet nor one that a person removed
 */
export function newWorkers(
  agent: AgentSettings,
  token: string,
  offered: readonly InstanceSnapshot[],
  { workers, names }: WorkersNow,
  everything: boolean,
): readonly NewWorker[] {
  const mine = new Set(workersOf(agent.id, workers).map(({ instance }) => instance));
  const taken = new Set(names);
  return offered
    .filter(({ id }) => !mine.has(id) && (everything || !agent.known.includes(id)))
    .map((instance) => {
      const name = freeName(`${agent.name} · ${instance.name}`, taken);
      taken.add(name);
      return { instance: instance.id, draft: draftOf(agent, token, instance.id, name) };
    });
}

/** How an instance of this agent is reached. */
export function draftOf(
  agent: AgentSettings,
  token: string,
  instance: InstanceId,
  name: string,
): RemoteDraft {
  const { host, port, certificate } = agent;
  return {
    ...{ type: 'remote', name, host, port, secure: true, certificate },
    path: `/instances/${instance}`,
    access: { kind: 'bearer', token },
  };
}

export interface AgentWorker {
  readonly worker: RemoteWorkerSettings;
  readonly instance: InstanceId;
}

export function workersOf(agent: string, workers: readonly RemoteWorkerSettings[]): readonly AgentWorker[] {
  return workers.flatMap((worker) =>
    worker.source?.kind === 'agent' && worker.source.agent === agent
      ? [{ worker, instance: worker.source.instance }]
      : [],
  );
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let n = 2; taken.has(name); n += 1) name = `${wanted} ${n}`;
  return name;
}

/** The fleet that is open, as agents change it. */
export interface WorkerBook extends WorkersNow {
  /** Simulated workers and real ones stay apart, unless a person pairs while the demo runs. */
  readonly isDemo: boolean;
  add(draft: RemoteDraft, source: WorkerSource): Promise<InstanceId>;
  update(id: InstanceId, draft: RemoteDraft): Promise<void>;
  remove(id: InstanceId): Promise<void>;
}
