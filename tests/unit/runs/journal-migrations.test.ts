import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { Database } from '../../../electron/core/runs/journal/database.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import { migrate, numberOf } from '../../../electron/core/runs/journal/schema.ts';

const VERSION_1 = path.resolve('tests/unit/runs/journal-version-1.sql');

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'journal-'));
  file = path.join(folder, 'runs.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('migrations', () => {
  it('bring a file of version 1 to today with everything in it', () => {
    const old = new Database(file);
    old.exec(readFileSync(VERSION_1, 'utf8'));
    old.close();
    const journal = openJournal(file, { clock: systemClock, logger: silentLogger });
    expect(journal.problems).toEqual([]);
    expect(journal.openRuns()).toMatchObject([{ run: { id: 'old', plan: '{}' }, shards: [{ index: 0 }] }]);
    expect(journal.artifactsOf('old')).toMatchObject([{ id: 'picture', seconds: 1.5 }]);
    journal.close();
  });

  it('go step by step, each whole or not at all, and none twice', () => {
    const database = new Database(file);
    const version = (): number => numberOf(database.get('PRAGMA user_version'), 'user_version');
    const steps = ['CREATE TABLE a (x); INSERT INTO a VALUES (1)', 'ALTER TABLE a ADD COLUMN y DEFAULT 2'];
    migrate(database, steps.slice(0, 1));
    expect(version()).toBe(1);
    expect(() => migrate(database, [...steps, 'CREATE TABLE b (x); CREATE TABLE b (x)'])).toThrow('exists');
    expect(version()).toBe(2);
    migrate(database, [...steps, 'CREATE TABLE b (x)']);
    migrate(database, [...steps, 'CREATE TABLE b (x)']);
    expect(version()).toBe(3);
    expect(database.all('SELECT x, y FROM a')).toEqual([{ x: 1, y: 2 }]);
    database.close();
  });
});
