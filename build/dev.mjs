// `npm run dev`: the headless host on the demo fleet, rebuilt and restarted when a source changes. Reload the page by hand.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import path from 'node:path';
import { buildIfStale, prepare, root } from './prepare.mjs';

const QUIET_MS = 300;
const options = process.argv.slice(2);

await prepare();
let host = start();
let timer = null;
for (const folder of ['shared', 'electron', 'renderer']) {
  watch(path.join(root, folder), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(restart, QUIET_MS);
  });
}

function start() {
  const args = options.length > 0 ? options : ['--demo', '--no-open'];
  return spawn(process.execPath, [path.join(root, 'dist', 'headless.cjs'), ...args], { stdio: 'inherit' });
}

async function restart() {
  try {
    await buildIfStale();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    return;
  }
  const old = host;
  old.once('exit', () => {
    host = start();
  });
  old.kill('SIGTERM');
}
