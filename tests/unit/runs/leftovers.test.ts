import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeLeftovers } from '../../../electron/core/runs/leftovers.ts';

let parent = '';

beforeEach(async () => {
  parent = await mkdtemp(path.join(tmpdir(), 'ensemble-leftovers-'));
  await mkdir(path.join(parent, 'ensemble'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const OURS = ['0123456789abcdef_00001_.png', '0123456789abcdef-2_00003_.flac', 'fedcba9876543210.png'];
const THEIRS = ['my picture_00001_.png', 'ComfyUI_00001_.png', '0123456789abcdef', 'notes.txt'];

it('removes what carries a hash for a name and nothing that a person could have put there', async () => {
  for (const name of [...OURS, ...THEIRS]) await writeFile(path.join(parent, 'ensemble', name), 'x');
  await writeFile(path.join(parent, OURS[0] ?? ''), 'x');
  await removeLeftovers(parent, null);
  expect((await readdir(path.join(parent, 'ensemble'))).sort()).toEqual([...THEIRS].sort());
  expect(await readdir(parent)).toContain(OURS[0]);
});

it('spares what is younger than the limit, and does not mind a folder that is not there', async () => {
  const [old = '', young = ''] = OURS;
  for (const name of [old, young]) await writeFile(path.join(parent, 'ensemble', name), 'x');
  await utimes(path.join(parent, 'ensemble', old), new Date(1_000), new Date(1_000));
  await removeLeftovers(parent, 2_000);
  expect(await readdir(path.join(parent, 'ensemble'))).toEqual([young]);
  await removeLeftovers(path.join(parent, 'nowhere'), null);
});
