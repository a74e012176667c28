import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Readable } from 'node:stream';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { ArtifactStore } from '../../../electron/core/runs/artifacts/artifact-store.ts';
import { nodeFiles } from '../../../electron/core/runs/artifacts/files.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import { contentOf, request } from './artifacts-content.ts';

/** `child.cjs FOLDER FIRST`: brings results home for ever, three at a time, and says which are kept. */
async function main(): Promise<void> {
  const [, , folder = '', first = '0'] = process.argv;
  const journal = openJournal(path.join(folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
  if (journal.problems.length > 0) throw new Error(journal.problems.join(' '));
  const store = new ArtifactStore({
    ...{ journal, clock: systemClock, logger: silentLogger, files: nodeFiles, newId: randomUUID },
    folders: () => ({ output: path.join(folder, 'output'), previews: path.join(folder, 'previews') }),
  });
  await store.recover();
  console.log('open');
  const keep = async (n: number): Promise<void> => {
    await store.keep(request({ outputKey: String(n), prefix: 'pic' }), Readable.from(contentOf(n)));
    console.log(`kept ${n}`);
  };
  for (let n = Number(first); ; n += 3) await Promise.all([keep(n), keep(n + 1), keep(n + 2)]);
}

void main();
