import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Runs generated bash with tools of ours in place of comfy and curl, and nothing else but what every system has. */

export interface ScriptRun {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Notes its arguments and standard input, and does what the plan for its first such call says. */
const STUB = `#!/usr/bin/env node
const fs = require('node:fs');
const path = require('node:path');
const home = path.dirname(__dirname);
const argv = process.argv.slice(2);
const config = argv.includes('--config') ? fs.readFileSync(0, 'utf8') : '';
fs.appendFileSync(path.join(home, 'calls'), JSON.stringify({ tool: path.basename(__filename), argv, config }) + '\\n');
const plans = JSON.parse(fs.readFileSync(path.join(home, 'plans'), 'utf8'));
const plan = plans.shift() ?? { bytes: 3 };
fs.writeFileSync(path.join(home, 'plans'), JSON.stringify(plans));
const value = (name) => (argv.find((one) => one.startsWith(name + '=')) ?? '').slice(name.length + 1);
const target = argv.includes('--output')
  ? argv[argv.indexOf('--output') + 1]
  : path.join(value('--workspace'), value('--relative-path'), value('--filename'));
if (plan.text) fs.appendFileSync(target, plan.text);
else if (plan.bytes > 0) fs.appendFileSync(target, 'x'.repeat(plan.bytes));
if (argv.includes('--write-out')) process.stdout.write(plan.answer ?? '200 ');
process.exitCode = plan.code ?? 0;
`;

export interface StubPlan {
  /** Appended to the target. */
  readonly bytes?: number;
  /** In place of so many letters. */
  readonly text?: string;
  readonly code?: number;
  /** What curl is asked to write out. */
  readonly answer?: string;
}

export interface StubCall {
  readonly tool: string;
  readonly argv: readonly string[];
  readonly config: string;
}

export class ScriptBench {
  private constructor(
    private readonly home: string,
    /** Of ComfyUI. */
    readonly root: string,
  ) {}

  static async open(tools: readonly ('comfy' | 'curl')[]): Promise<ScriptBench> {
    const home = await mkdtemp(path.join(tmpdir(), 'ensemble-script-'));
    const root = path.join(home, 'Comfy UI');
    await mkdir(path.join(root, 'models'), { recursive: true });
    await mkdir(path.join(home, 'bin'));
    // The real curl must not be found.
    for (const tool of tools) {
      await writeFile(path.join(home, 'bin', tool), STUB);
      await chmod(path.join(home, 'bin', tool), 0o755);
    }
    const needed = ['bash', 'env', 'wc', 'tr', 'head', 'mkdir', 'mv', 'rm', 'dirname'];
    await run('bash', [
      '-c',
      `for t in ${needed.join(' ')}; do ln -s "$(command -v "$t")" "$0/$t"; done`,
      path.join(home, 'bin'),
    ]);
    await writeFile(path.join(home, 'bin', 'node'), `#!/bin/bash\nexec '${process.execPath}' "$@"\n`);
    await chmod(path.join(home, 'bin', 'node'), 0o755);
    await writeFile(path.join(home, 'plans'), '[]');
    return new ScriptBench(home, root);
  }

  async plan(...plans: readonly StubPlan[]): Promise<void> {
    await writeFile(path.join(this.home, 'plans'), JSON.stringify(plans));
  }

  async run(script: string, environment: Readonly<Record<string, string>> = {}): Promise<ScriptRun> {
    const file = path.join(this.home, 'script.sh');
    await writeFile(file, script);
    return run('bash', [file, this.root], { PATH: path.join(this.home, 'bin'), ...environment });
  }

  async calls(): Promise<readonly StubCall[]> {
    const text = await readFile(path.join(this.home, 'calls'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as StubCall);
  }

  file(name: string): string {
    return path.join(this.root, name);
  }

  async close(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

export function run(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<ScriptRun> {
  return new Promise((resolve) => {
    execFile(command, [...args], { env: environment }, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out, err });
    });
  });
}

/** What a tool is to be given for a LoRA of this name. */
export function argvOf(
  tool: 'comfy' | 'curl',
  bench: ScriptBench,
  name: string,
  url: string,
): readonly string[] {
  if (tool === 'comfy') {
    return [
      ...['--skip-prompt', `--workspace=${bench.root}`, 'model', 'download', `--url=${url}`],
      ...['--relative-path=models/loras', `--filename=${name}.part`],
    ];
  }
  return [
    ...['--config', '-', '--fail', '--location', '--globoff', '--proto', '=http,https'],
    ...['--connect-timeout', '30', '--retry', '3', '--continue-at', '-'],
    ...['--output', `${bench.file(`models/loras/${name}`)}.part`],
    ...['--write-out', '%{http_code} ', '--url', url],
  ];
}
