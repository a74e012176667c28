import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkPort } from '../../../electron/core/supervisor/ports.ts';
import { type ProcessRow, systemTable } from '../../../electron/core/supervisor/process-table.ts';
import { until } from './until.ts';

/** Far from 8188 and below the ephemeral range, so that suites running side by side rarely meet. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** A home, a data directory and some free ports of one test's own; whatever still runs in it afterwards is a failure. */
export class Workplace {
  /** Every command line of ours names a path below it: that tells our processes. */
  readonly root = mkdtempSync(path.join(tmpdir(), 'ensemble-whole-'));
  readonly home = path.join(this.root, 'home');
  readonly data = path.join(this.root, 'data');
  readonly bin = path.join(this.root, 'bin');

  constructor() {
    for (const folder of [this.home, this.data, this.bin]) mkdirSync(folder);
  }

  file(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  write(content: string | object, ...parts: readonly string[]): string {
    const file = this.file(...parts);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return file;
  }

  json(...parts: readonly string[]): unknown {
    return JSON.parse(readFileSync(this.file(...parts), 'utf8'));
  }

  /** No ComfyUI, no nvidia-smi and no settings but those of the test. */
  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const { home } = this;
    const base = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(ENSEMBLE|COMFYUI|VITEST|XDG|CUDA)_/.test(name)),
    );
    return { ...base, HOME: home, USERPROFILE: home, PATH: `${this.bin}:/usr/bin:/bin`, ...extra };
  }

  async processes(): Promise<readonly ProcessRow[]> {
    const rows = await systemTable.list();
    return rows.filter(({ pid, command }) => pid !== process.pid && command.includes(this.root));
  }

  async untilEmpty(milliseconds = 20_000): Promise<void> {
    await until('every process has ended', async () => (await this.processes()).length === 0, milliseconds);
  }

  /** @returns what had to be killed: nothing, after a test that passed */
  async dispose(): Promise<readonly string[]> {
    const left = await this.processes();
    for (const { pid } of left) kill(pid, 'SIGKILL');
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
    return left.map(({ command }) => command);
  }
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Consecutive free ports. */
export async function freePorts(count: number): Promise<readonly number[]> {
  for (;;) {
    const first = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const states = await Promise.all(ports.map(checkPort));
    if (states.every((state) => state === 'free')) return ports;
  }
}
