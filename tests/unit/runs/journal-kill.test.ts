import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import type { Journal } from '../../../electron/core/runs/records.ts';
import { bundleChild, startChild } from './journal-bundle.ts';

const ROUNDS = 25;

let folder = '';
let program = '';

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'journal-kill-'));
  program = await bundleChild('tests/unit/runs/journal-child.ts', folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the writer and kills it once it has said this much. @returns all that it has said */
async function writeAndKill(file: string, first: number, lines: number): Promise<readonly string[]> {
  const child = startChild(program, [file, String(first)]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return said.split('\n').slice(0, -1);
}

function expectKept(journal: Journal, said: readonly string[]): void {
  for (const line of said) {
    const [what, id = ''] = line.split(' ');
    if (what === 'run') expect(journal.run(id)).not.toBeNull();
    if (what === 'attempt') expect(journal.attempts(id)).toHaveLength(1);
    if (what === 'kept') expect(journal.artifact(`${id}-p`)).not.toBeNull();
    if (what === 'done') expect(journal.run(id)?.status).toBe('done');
    if (what === 'placing') {
      expect(journal.hasOutput({ runId: id, stage: 1, shard: 0, outputKey: `${id}-p` })).toBe(true);
    }
  }
}

/** Nothing is half there. */
function expectWhole(journal: Journal, runs: number): void {
  const open = journal.openRuns();
  expect(open.length).toBeLessThanOrEqual(1 + ROUNDS);
  expect(journal.finishedRuns(null, 1e6).length + open.length).toBe(runs);
  for (const { run, shards, attempts } of open) {
    expect(shards).toHaveLength(2);
    expect(shards[0]?.status).toBe(attempts.length === 0 ? 'queued' : 'dispatched');
    expect(attempts[0]?.outcome ?? 'running').toBe('running');
    expect(run.endedAt).toBeNull();
  }
  expect(journal.placing().length).toBeLessThanOrEqual(ROUNDS);
}

describe.skipIf(process.platform === 'win32')('the journal', () => {
  it('loses nothing of what it said when its process is killed, again and again', async () => {
    const file = path.join(folder, 'runs.db');
    let runs = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const said = await writeAndKill(file, runs, 2 + ((round * 7) % 60));
      const journal = openJournal(file, { clock: systemClock, logger: silentLogger });
      expect(journal.problems).toEqual([]);
      expectKept(journal, said);
      const begun = said.filter((line) => line.startsWith('run ')).length;
      const all = journal.finishedRuns(null, 1e6).length + journal.openRuns().length;
      // The last one may have been committed without that having been said.
      expect([runs + begun, runs + begun + 1]).toContain(all);
      runs = all;
      expectWhole(journal, runs);
      journal.close();
    }
    expect(runs).toBeGreaterThan(ROUNDS);
  }, 120_000);
});
