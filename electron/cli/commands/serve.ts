import { spawn } from 'node:child_process';
import path from 'node:path';
import { EXIT } from '../exit-codes.ts';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/** Runs the headless host on our terminal, in a process of its own, and ends as it ends. */
export function serve(directory: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(directory, 'headless.cjs'), ...args], {
      stdio: 'inherit',
    });
    // The terminal interrupts the whole group: the host ends in order, and we after it.
    process.on('SIGINT', () => undefined);
    for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? EXIT.failed));
  });
}
