import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../electron/core/ports.ts';
import { Database } from '../../../electron/core/runs/journal/database.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import { journalError } from '../../../electron/core/runs/journal/journal-errors.ts';
import { MIGRATIONS } from '../../../electron/core/runs/journal/schema.ts';
import type { Journal } from '../../../electron/core/runs/records.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { attempt, placing, runRecord, shardRecord } from './journal-records.ts';

const EVERYTHING = { runId: null, instanceId: null, name: null, since: null, until: null, previews: true };
const clock = new ManualClock(Date.UTC(2026, 10, 24, 8, 30, 15));

let folder = '';
let file = '';
const open: Journal[] = [];

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'journal-'));
  file = path.join(folder, 'runs.db');
});
afterEach(() => {
  for (const journal of open.splice(0)) journal.close();
  rmSync(folder, { recursive: true, force: true });
});

function opened(): Journal {
  const journal = openJournal(file, { clock, logger: silentLogger });
  open.push(journal);
  return journal;
}

/** A closed database with something in it. */
function filled(): Buffer {
  const journal = opened();
  journal.addRun(
    runRecord('r', { workflow: 'w'.repeat(20_000), status: 'running' }),
    Array.from({ length: 200 }, (_, index) => shardRecord('r', index)),
  );
  journal.addAttempt(attempt('a', 'r', 0));
  for (let n = 0; n < 50; n += 1) {
    journal.beginPlacing(placing(`p${n}`));
    if (n > 5) journal.endPlacing(`p${n}`);
  }
  journal.close();
  return readFileSync(file);
}

/** Opens a file that must be set aside, and sees that nothing of it is lost. */
function expectSetAside(words: RegExp): void {
  const before = readFileSync(file);
  const journal = opened();
  expect(journal.problems).toHaveLength(1);
  expect(journal.problems[0]).toMatch(words);
  const aside = readdirSync(folder).filter((name) => /^runs\.db\.broken-[^-]+(-\d+)?$/.test(name));
  expect(journal.problems[0]).toContain(aside.at(-1));
  expect(readFileSync(path.join(folder, aside.at(-1) ?? '')).equals(before)).toBe(true);
  expect(journal.openRuns()).toEqual([]);
  journal.addRun(runRecord('new'), []);
  journal.close();
  const again = opened();
  expect(again.problems).toEqual([]);
  expect(again.openRuns()).toHaveLength(1);
  again.close();
}

function sql(text: string): void {
  const database = new Database(file);
  database.exec(text);
  database.close();
}

describe('opening the journal', () => {
  it('makes the folder and a file for this user alone', () => {
    file = path.join(folder, 'deep', 'runs.db');
    const journal = opened();
    journal.addRun(runRecord('r'), []);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600);
  });

  it('sets aside what is none of its own, each under a name of its own', () => {
    writeFileSync(file, Buffer.alloc(8192, 7));
    expectSetAside(/is not a database\. It was set aside as runs\.db\.broken-20261124T083015Z and/);
    writeFileSync(file, 'short');
    expectSetAside(/is not a database.*broken-20261124T083015Z-2/);
    rmSync(file);
    sql('CREATE TABLE songs (title TEXT)');
    expectSetAside(/belongs to another program/);
    rmSync(file);
    sql('PRAGMA application_id = 77; CREATE TABLE songs (title TEXT)');
    expectSetAside(/belongs to another program/);
    filled();
    sql('DROP TABLE shards');
    expectSetAside(/has other tables than ours/);
    filled();
    sql('ALTER TABLE speeds ADD COLUMN mood TEXT');
    expectSetAside(/has other tables than ours/);
    filled();
    sql(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    expectSetAside(/was written by a newer Comfy Ensemble/);
    filled();
    sql("UPDATE runs SET options = '{'");
    expectSetAside(/is damaged/);
  });

  it('sets aside a log that has lost its file, and begins an empty file', () => {
    writeFileSync(`${file}-wal`, 'something');
    const journal = opened();
    expect(journal.problems[0]).toMatch(/has lost its main file/);
    expect(readFileSync(`${file}.broken-20261124T083015Z-wal`, 'utf8')).toBe('something');
    journal.close();
    rmSync(file);
    writeFileSync(file, '');
    expect(opened().problems).toEqual([]);
  });

  it('survives any truncation', () => {
    const whole = filled();
    const sizes = Array.from({ length: 48 }, (_, n) => n * 3_001).filter((size) => size < whole.length);
    for (const size of [...sizes, 4_096, 8_192, whole.length - 4_096, whole.length - 1]) {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      writeFileSync(file, whole.subarray(0, size));
      if (size === 0) expect(opened().problems).toEqual([]);
      else expectSetAside(/The record of runs (is damaged|is not a database|is cut off)/);
    }
  }, 60_000);

  it('survives any damage: what it cannot read is set aside, at the latest on the next start', () => {
    const whole = filled();
    let setAside = 0;
    const breakIt = (position: number, bytes: Uint8Array): void => {
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
      const broken = Buffer.from(whole);
      broken.set(bytes.subarray(0, whole.length - position), position);
      writeFileSync(file, broken);
    };
    const use = (): void => {
      const journal = opened();
      setAside += journal.problems.length;
      try {
        for (const { run } of journal.openRuns()) journal.digest(run.id, 500);
        journal.artifacts({ filter: EVERYTHING, cursor: null, limit: 500 });
        journal.placing();
        journal.addRun(runRecord(`new ${setAside}`), []);
      } finally {
        journal.close();
      }
    };
    const anywhere = fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 64 }));
    fc.assert(
      fc.property(anywhere, ([position, bytes]) => {
        breakIt(position, bytes);
        try {
          use();
        } catch (error) {
          expect(error).toMatchObject({ code: 'internal', hint: expect.stringContaining('Start again') });
          use();
        }
      }),
      { numRuns: 150 },
    );
    expect(setAside).toBeGreaterThan(10);
  }, 60_000);

  it('says that a folder cannot be used', () => {
    writeFileSync(path.join(folder, 'plain'), '');
    file = path.join(folder, 'plain', 'runs.db');
    expect(opened).toThrow(
      expect.objectContaining({ code: 'settings-unwritable', message: expect.stringContaining(file) }),
    );
    file = path.join(folder, 'directory');
    mkdirSync(file);
    expect(opened).toThrow(expect.objectContaining({ code: 'settings-unwritable' }));
    expect(existsSync(file)).toBe(true);
  });

  it.skipIf(process.getuid?.() === 0)('says that a folder may not be written', () => {
    chmodSync(folder, 0o500);
    try {
      expect(opened).toThrow(expect.objectContaining({ code: 'settings-unwritable' }));
    } finally {
      chmodSync(folder, 0o700);
    }
  });

  it('says that the disk is full, and keeps what was committed', () => {
    filled();
    const database = new Database(file);
    database.exec('PRAGMA max_page_count = 40');
    const fill = (): void => {
      for (let n = 0; ; n += 1) {
        database.transaction('power-cut', () => {
          database.run('INSERT INTO settings VALUES (?, ?)', `key ${n}`, 'v'.repeat(9_000));
        });
      }
    };
    let error: unknown;
    try {
      fill();
    } catch (thrown) {
      error = journalError(thrown, file);
    }
    expect(error).toBeInstanceOf(EnsembleError);
    expect(error).toMatchObject({ code: 'disk-full', message: expect.stringContaining(file) });
    expect(database.get("SELECT 1 FROM runs WHERE id = 'r'")).not.toBeNull();
    database.exec('PRAGMA max_page_count = 1000000');
    database.transaction('power-cut', () => database.run("INSERT INTO settings VALUES ('after', 'v')"));
    database.close();
    expect(opened().setting('after')).toBe('v');
  });
});
