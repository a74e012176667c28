import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RemoteWorkerSettings } from '../../../shared/remote.ts';
import { rosterOn } from '../../integration/support/fleets.ts';
import { freePorts } from '../../integration/support/workplace.ts';

/** The data directory of a demo whose workers all live on other machines, at these ports of this one. */
export async function prepareRemotes(data: string, ports: readonly number[]): Promise<void> {
  const folder = path.join(data, 'demo', '1-gpus');
  mkdirSync(folder, { recursive: true });
  const roster = await rosterOn(path.join(folder, 'world'), await freePorts(1));
  const workers = ports.map(
    (port, index): RemoteWorkerSettings => ({
      ...{ id: `worker-${index + 1}`, type: 'remote', name: `Far ${index + 1}`, host: '127.0.0.1', port },
      ...{ secure: false, path: '', certificate: null, selected: true, source: null },
    }),
  );
  writeFileSync(path.join(folder, 'settings.json'), JSON.stringify({ ...roster, workers }));
}
