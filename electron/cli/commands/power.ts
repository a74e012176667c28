import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { findInstance } from '../connection.ts';
import type { PowerCommand } from '../orders.ts';
import type { Terminal } from '../terminal.ts';

const DONE: Readonly<Record<PowerCommand, string>> = {
  start: 'starting',
  stop: 'stopped',
  restart: 'restarting',
};

/** @param target an id or a name; null = all */
export async function changePower(
  client: ControlClient,
  terminal: Terminal,
  command: PowerCommand,
  target: string | null,
): Promise<void> {
  if (target === null) {
    await changeAll(client, command);
    terminal.print(`All instances: ${DONE[command]}.`);
    return;
  }
  const { instances } = await client.invoke('fleet.snapshot', {});
  const instance = findInstance(instances, target);
  await client.invoke(`instance.${command}`, { id: instance.id });
  terminal.print(`${instance.name}: ${DONE[command]}.`);
}

async function changeAll(client: ControlClient, command: PowerCommand): Promise<void> {
  if (command === 'start') await client.invoke('fleet.startAll', {});
  else if (command === 'stop') await client.invoke('fleet.stopAll', {});
  else await restartAll(client);
}

/** One that cannot restart must not keep the others from it. */
async function restartAll(client: ControlClient): Promise<void> {
  const { instances } = await client.invoke('fleet.snapshot', {});
  const ours = instances.filter((instance) => instance.control === 'managed');
  const results = await Promise.allSettled(
    ours.map((instance) => client.invoke('instance.restart', { id: instance.id })),
  );
  const failures = results.flatMap((result, index) =>
    result.status === 'rejected' ? [`${ours[index]?.name}: ${String(result.reason?.message)}`] : [],
  );
  if (failures.length > 0) throw new EnsembleError('conflict', failures.join('\n'));
}
