import { urlOf } from '../../../shared/address.ts';
import { conditionOf } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { ladderWords } from '../../../shared/readiness-words.ts';
import { type Cell, type Terminal, table } from '../terminal.ts';
import { printable } from '../workers/ladder-lines.ts';

const HEADER = ['ID', 'NAME', 'TYPE', 'ADDRESS', 'STATE', 'COMFYUI', 'READINESS'];

export async function listWorkers(client: ControlClient, terminal: Terminal, json: boolean): Promise<void> {
  const { instances } = await client.invoke('fleet.snapshot', {});
  const workers = instances.filter(({ role }) => role === 'worker');
  if (json) terminal.print(JSON.stringify(workers.map(factsOf)));
  else if (workers.length === 0) terminal.print('There is no worker: ensemble workers add ADDRESS');
  else for (const line of table(terminal, HEADER, workers.map(rowOf))) terminal.print(line);
}

function factsOf(worker: InstanceSnapshot) {
  const { id, name, type, selected, queue, server, remote } = worker;
  return {
    ...{ id, name, type, selected, queue },
    url: addressOf(worker),
    state: conditionOf(worker, Date.now()).word,
    version: server?.comfyuiVersion ?? null,
    access: remote?.access ?? null,
    readiness: remote?.readiness ?? null,
  };
}

function rowOf(worker: InstanceSnapshot): readonly Cell[] {
  const condition = conditionOf(worker, Date.now());
  const readiness = worker.remote?.readiness ?? null;
  const ladder = readiness === null ? null : ladderWords(readiness);
  return [
    { text: worker.id },
    { text: printable(worker.name) },
    { text: worker.type },
    { text: addressOf(worker) },
    { text: printable(condition.word), tone: condition.tone },
    { text: printable(worker.server?.comfyuiVersion ?? '–') },
    ladder === null ? { text: '–' } : { text: ladder.word, tone: ladder.tone },
  ];
}

function addressOf({ url, host, port, remote }: InstanceSnapshot): string {
  return remote === null ? url : urlOf({ host, port, secure: remote.secure, path: remote.path });
}
