#!/usr/bin/env node
// The `ensemble` command: installs and builds what is missing, then runs dist/cli.cjs with the same arguments.
// Node built-ins only, as everything that runs before there are dependencies.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const child = spawn(process.execPath, [path.join(root, 'dist', 'cli.cjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// The terminal interrupts the whole group; the child decides what that means.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => {
  process.stderr.write(`${process.execPath} could not be started: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
