import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { failedRung } from '../../../shared/remote.ts';
import { findInstance } from '../connection.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readWorkflow } from '../runs/workflow-file.ts';
import type { Terminal } from '../terminal.ts';
import type { WorkersOrder } from '../workers/arguments.ts';
import { climb, trusting } from '../workers/climb.ts';
import { editedRemote, localDraft, readAddress, remoteDraft } from '../workers/drafts.ts';
import { LadderPrinter, measuredLine } from '../workers/ladder-lines.ts';
import type { WorkersAction, WorkerWishes } from '../workers/orders.ts';
import { readAccess, type SecretDeps } from '../workers/secrets.ts';
import { listWorkers } from './workers-list.ts';

export interface WorkersDeps extends SecretDeps {
  readonly client: ControlClient;
  readonly terminal: Terminal;
  readonly json: boolean;
}

type Of<A extends WorkersAction['action']> = Extract<WorkersAction, { readonly action: A }>;

/** @returns failed when a rung of a ladder does not hold */
export async function aboutWorkers(
  order: Exclude<WorkersOrder, { readonly action: 'help' }>,
  deps: WorkersDeps,
): Promise<ExitCode> {
  switch (order.action) {
    case 'list':
      await listWorkers(deps.client, deps.terminal, deps.json);
      return EXIT.ok;
    case 'add':
      return order.type === 'local' ? addLocal(order, deps) : addRemote(order, deps);
    case 'edit':
      return edit(order, deps);
    case 'test':
      return test(order, deps);
    case 'remove':
      return remove(order.target, deps);
  }
}

async function addLocal(order: Of<'add'>, deps: WorkersDeps): Promise<ExitCode> {
  if (order.address !== null)
    throw EnsembleError.badArgument('arguments', 'A worker of this machine takes no address.');
  if (order.test)
    throw EnsembleError.badArgument('--test', '--test is for workers elsewhere (--type remote or cloud).');
  const draft = localDraft(await deps.client.invoke('worker.suggest', {}), order);
  const { id } = await deps.client.invoke('worker.add', { draft });
  tell(deps, { id, ...draft }, `${draft.name} (${id}) is added; start it with: ensemble start ${id}`);
  return EXIT.ok;
}

async function addRemote(order: Of<'add'>, deps: WorkersDeps): Promise<ExitCode> {
  const { client } = deps;
  const { instances } = await client.invoke('fleet.snapshot', {});
  const access = order.access === null ? ({ kind: 'none' } as const) : await readAccess(order.access, deps);
  const plain = remoteDraft(order.address, order, access, instances);
  const draft = order.trust === null ? plain : await trusting(client, null, plain, order.trust);
  if (order.test && !(await holds({ id: null, draft, workflow: null }, deps))) {
    deps.terminal.printError(`${draft.name} is not added. Without --test it is.`);
    return EXIT.failed;
  }
  const { id } = await client.invoke('remote.add', { draft });
  const { access: _, certificate, ...told } = draft;
  tell(deps, { id, ...told, trusted: certificate !== null }, `${draft.name} (${id}) is added.`);
  return EXIT.ok;
}

async function edit(order: Of<'edit'>, deps: WorkersDeps): Promise<ExitCode> {
  const { client } = deps;
  const instance = await worker(order.target, deps);
  const { id } = instance;
  const { target, restart, selected } = order;
  const changes = restart || CHANGES.some((wish) => order[wish] !== null);
  if (!changes && selected === null) {
    throw EnsembleError.badArgument(
      'arguments',
      `Nothing is said of ${target}.`,
      'See: ensemble workers --help',
    );
  }
  if (changes && instance.remote === null) await editLocal(instance, order, client);
  else if (changes) await editRemote(instance, order, deps);
  if (selected !== null) await client.invoke('instance.select', { id, selected });
  tell(deps, { id }, `${order.name ?? instance.name} is changed.`);
  return EXIT.ok;
}

async function editLocal(
  instance: InstanceSnapshot,
  order: Of<'edit'>,
  client: ControlClient,
): Promise<void> {
  if (order.type !== null && order.type !== 'local') {
    throw EnsembleError.badArgument(
      '--type',
      'A worker of this machine cannot move elsewhere.',
      'Add the other one.',
    );
  }
  const { id, name, port, device, extraArgs } = instance;
  const before = { name, port, device, extraArgs };
  const draft = localDraft(before, order);
  await client.invoke('worker.update', { id, draft, restart: order.restart });
}

async function editRemote(instance: InstanceSnapshot, order: Of<'edit'>, deps: WorkersDeps): Promise<void> {
  if (order.restart)
    throw EnsembleError.badArgument('--restart', '--restart is for workers of this machine.');
  const access =
    order.access === null
      ? ({ kind: instance.remote?.access == null ? 'none' : 'keep' } as const)
      : await readAccess(order.access, deps);
  const plain = editedRemote(instance, order, access);
  const { client } = deps;
  const draft = order.trust === null ? plain : await trusting(client, instance.id, plain, order.trust);
  await client.invoke('remote.update', { id: instance.id, draft });
}

const AS_IT_IS: WorkerWishes = {
  type: null,
  name: null,
  host: null,
  port: null,
  secure: null,
  path: null,
  access: null,
  trust: null,
  selected: null,
  gpu: null,
  args: null,
};

/** What is kept with a worker, in contrast to whether it takes part. */
const CHANGES = Object.keys(AS_IT_IS)
  .filter(isWish)
  .filter((wish) => wish !== 'selected');

function isWish(word: string): word is keyof WorkerWishes {
  return Object.hasOwn(AS_IT_IS, word);
}

async function test(order: Of<'test'>, deps: WorkersDeps): Promise<ExitCode> {
  const { client } = deps;
  const workflow = order.workflow === null ? null : await readWorkflow(order.workflow, deps.input);
  const { instances } = await client.invoke('fleet.snapshot', {});
  const instance = known(instances, order.target);
  const stored = instance?.remote?.access == null ? ({ kind: 'none' } as const) : ({ kind: 'keep' } as const);
  const access = order.access === null ? stored : await readAccess(order.access, deps);
  const plain =
    instance === null
      ? remoteDraft(order.target, AS_IT_IS, access, instances)
      : editedRemote(instance, AS_IT_IS, access);
  const id = instance?.id ?? null;
  const draft = order.trust === null ? plain : await trusting(client, id, plain, order.trust);
  return (await holds({ id, draft, workflow }, deps)) ? EXIT.ok : EXIT.failed;
}

/** An instance by id or name, or null for an address. @throws EnsembleError for what can be neither, or is of this machine */
function known(instances: readonly InstanceSnapshot[], target: string): InstanceSnapshot | null {
  const named = instances.some(
    ({ id, name }) => id === target || name.toLowerCase() === target.toLowerCase(),
  );
  if (!named && /[.:/]/.test(target)) {
    readAddress(target, 'remote');
    return null;
  }
  const instance = findInstance(instances, target);
  if (instance.remote !== null) return instance;
  throw EnsembleError.badArgument(
    'id',
    `${instance.name} runs on this machine: there is no ladder to climb.`,
    '`ensemble status` and `ensemble doctor` say how it is.',
  );
}

/** Climbs and prints; true when every rung holds. */
async function holds(
  order: Parameters<typeof climb>[1],
  { client, terminal, json }: WorkersDeps,
): Promise<boolean> {
  const printer = new LadderPrinter(terminal);
  const readiness = await climb(client, order, (progress) => {
    if (!json) printer.show(progress);
  });
  const measured = measuredLine(readiness.measured);
  if (json) terminal.print(JSON.stringify(readiness));
  else if (measured !== null) terminal.print(measured);
  return failedRung(readiness) === null;
}

async function remove(target: string, deps: WorkersDeps): Promise<ExitCode> {
  const instance = await worker(target, deps);
  const { removed } = await deps.client.invoke('worker.remove', { id: instance.id });
  tell(deps, removed, `${instance.name} is removed.`);
  return EXIT.ok;
}

async function worker(target: string, { client }: WorkersDeps): Promise<InstanceSnapshot> {
  const { instances } = await client.invoke('fleet.snapshot', {});
  return findInstance(instances, target);
}

function tell({ terminal, json }: WorkersDeps, facts: unknown, words: string): void {
  terminal.print(json ? JSON.stringify(facts) : words);
}
