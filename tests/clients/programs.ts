import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TestContext } from 'vitest';

/** Programs that this machine may have or not. */

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const LIMIT_MS = 110_000;
const INSTALL_MS = 280_000;

/** Never fails itself: what is not there ends with code 127. */
export function run(
  file: string,
  args: readonly string[],
  { cwd = process.cwd(), timeout = LIMIT_MS, environment = {} }: RunOptions = {},
): Promise<Ended> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    execFile(file, [...args], { cwd, timeout, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 127;
      resolve({ code, stdout, stderr: `${stderr}${error?.code === 'ENOENT' ? error.message : ''}` });
    });
  });
}

interface RunOptions {
  readonly cwd?: string;
  /** ms */
  readonly timeout?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export async function has(program: string): Promise<boolean> {
  return (await run(program, ['--version'])).code === 0;
}

export function skipLoudly(context: TestContext, why: string): void {
  process.stdout.write(`clients: “${context.task.name}” is skipped: ${why}\n`);
  context.skip(why);
}

/**
 * Folder of the programs of a Python environment with these packages, kept below .cache for the next time.
 * @returns the words that say why there is none
 */
export async function pythonWith(...packages: readonly string[]): Promise<{ bin: string } | string> {
  if (!(await has('python3'))) return 'there is no python3.';
  const key = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  const home = path.resolve('.cache', `clients-python-${key}`);
  const bin = path.join(home, 'bin');
  if (existsSync(path.join(home, 'complete'))) return { bin };
  await rm(home, { recursive: true, force: true });
  await mkdir(path.dirname(home), { recursive: true });
  const made = await run('python3', ['-m', 'venv', home], { timeout: INSTALL_MS });
  if (made.code !== 0) return `python3 -m venv fails: ${lastLine(made)}`;
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages];
  const got = await run(path.join(bin, 'python'), pip, { timeout: INSTALL_MS });
  if (got.code !== 0) return `pip cannot install ${packages.join(' ')}: ${lastLine(got)}`;
  await writeFile(path.join(home, 'complete'), '');
  return { bin };
}

function lastLine({ stdout, stderr }: Ended): string {
  return `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
}
