// `npm run bench -- NAME…`: bundles tests/bench/NAME.ts and runs it. Without a name it lists what there is.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { prepare, root } from './prepare.mjs';

const folder = path.join(root, 'tests', 'bench');
const names = process.argv.slice(2);
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length));

const unknown = names.filter((name) => !known.includes(name));
if (names.length === 0 || unknown.length > 0) {
  process.stderr.write(
    `${unknown.map((name) => `There is no benchmark “${name}”. `).join('')}Known: ${known.join(', ')}\n`,
  );
  process.exit(2);
}

await prepare();
const { buildEntry } = await import('./build.mjs');
for (const name of names) {
  const outDir = path.join(root, '.cache', 'bench');
  await buildEntry(name, path.join(folder, `${name}.bench.ts`), outDir, ['playwright']);
  const bundle = path.join(outDir, `${name}.cjs`);
  if (!existsSync(bundle)) process.exit(1);
  const { status } = spawnSync(process.execPath, ['--expose-gc', bundle], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
