import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workshop } from './artifacts-bench.ts';
import { contentOf } from './artifacts-content.ts';
import { bundleChild, startChild } from './journal-bundle.ts';

const ROUNDS = 20;

let shop: Workshop;
let program = '';

beforeAll(async () => {
  shop = new Workshop();
  program = await bundleChild('tests/unit/runs/artifacts-child.ts', path.join(shop.folder, 'bin'));
}, 60_000);
afterAll(() => shop.close());

/** Lets the child keep so many results, and kills it with others under way. @returns the numbers that it said it kept */
async function keepAndKill(first: number, lines: number): Promise<readonly number[]> {
  const child = startChild(program, [shop.folder, String(first)]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > lines) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return said
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => (line.startsWith('kept ') ? [Number(line.slice(5))] : []));
}

function bytesOf(n: number): Buffer {
  return Buffer.concat([...contentOf(n)]);
}

describe.skipIf(process.platform === 'win32')('results', () => {
  it('are all there, whole and once, however often the control center is killed', async () => {
    const kept = new Set<number>();
    let first = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      // Begins a little before the end: as after a crash, results that are here already are offered again.
      const said = await keepAndKill(first, 1 + ((round * 5) % 17));
      for (const n of said) kept.add(n);
      first = Math.max(0, Math.max(0, ...kept) - 5);
    }
    shop.restart();
    await shop.store.recover();
    expect(shop.journal.placing()).toEqual([]);
    expect(shop.files().filter((name) => name.startsWith('.'))).toEqual([]);
    const files = readdirSync(shop.output, { withFileTypes: true }).filter((entry) => entry.isFile());
    const contents = new Map(
      files.map(({ name }) => [readFileSync(path.join(shop.output, name)).toString('base64'), name]),
    );
    // No content has two names, and every name is in the journal.
    expect(contents.size).toBe(files.length);
    const artifacts = shop.journal.artifactsOf('r');
    expect(artifacts.map(({ name }) => name).sort()).toEqual([...contents.values()].sort());
    for (const n of kept) expect(contents.has(bytesOf(n).toString('base64'))).toBe(true);
    const whole = new Set(Array.from({ length: first + 100 }, (_, n) => bytesOf(n).toString('base64')));
    for (const content of contents.keys()) expect(whole.has(content)).toBe(true);
    expect(kept.size).toBeGreaterThan(ROUNDS);
    rmSync(shop.output, { recursive: true });
  }, 120_000);
});
