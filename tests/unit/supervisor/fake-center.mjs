// A control center to be killed: `node fake-center.mjs GUARDIAN REGISTRY`. Holds the guardian's stdin and does nothing.
import { spawn } from 'node:child_process';

const [guardian, registry] = process.argv.slice(2);
const child = spawn(process.execPath, [guardian, registry], {
  detached: true,
  stdio: ['pipe', 'ignore', 'ignore'],
});
process.stdout.write(`${child.pid}\n`);
setInterval(() => undefined, 1000);
