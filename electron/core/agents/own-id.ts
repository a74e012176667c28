import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../settings/atomic-file.ts';

const ID = /^[0-9a-f-]{36}$/;

/**
 * What this control center is called among machines, for as long as its data directory lives.
 * Never fails: one that cannot be kept is another one at the next start.
 */
export async function openOwnId(file: string): Promise<string> {
  const kept = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (ID.test(kept)) return kept;
  const id = randomUUID();
  await writeFileAtomically(file, `${id}\n`).catch(() => undefined);
  return id;
}
