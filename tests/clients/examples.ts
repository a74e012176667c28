import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, type TestContext } from 'vitest';
import { call } from '../conformance/client.ts';
import { type Ended, has, pythonWith, run, skipLoudly } from './programs.ts';
import { WEBSOCKET_CLIENT } from './python.ts';
import { differentPictures, type Served } from './served.ts';

const inPython = (name: string): string => path.resolve('examples/clients/python', name);
const TYPESCRIPT = path.resolve('examples/clients/typescript/run-workflow.ts');

/** Our own, for people to begin with: the same calls for one server and for a fleet. */
export function exampleClients(served: () => Served): void {
  /** @param command but for address, workflow and folder */
  async function saves(
    command: (args: readonly string[], folder: string) => Promise<Ended>,
  ): Promise<string> {
    const target = path.join(await served().folder(), 'made');
    const workflow = await served().file();
    const { code, stdout, stderr } = await command([served().address, workflow.path], target);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout).toContain(`${served().pictures} files`);
    expect(await differentPictures(target)).toBe(served().pictures);
    const { bytes } = await call(`${served().url}/history?max_items=1`);
    expect(bytes.toString()).toContain(workflow.seed);
    return stdout;
  }

  const python = async (context: TestContext): Promise<string | null> => {
    const made = await pythonWith(WEBSOCKET_CLIENT);
    if (typeof made === 'string') skipLoudly(context, made);
    return typeof made === 'string' ? null : path.join(made.bin, 'python');
  };

  it('runs the Python example that needs nothing else', async (context) => {
    if (!(await has('python3'))) return skipLoudly(context, 'there is no python3.');
    await saves((args, folder) => run('python3', [inPython('run_workflow.py'), ...args, '--out', folder]));
  });

  it('runs the Python example that listens', async (context) => {
    const file = await python(context);
    if (file === null) return;
    const script = inPython('run_workflow_live.py');
    const shown = await saves((args, folder) => run(file, [script, ...args, '--out', folder]));
    expect(shown).toContain('KSampler');
    expect(shown).toMatch(/ {2}3 of 3/);
  });

  it('runs the TypeScript example', async () => {
    const shown = await saves((args, folder) =>
      compiled().then((script) => run(process.execPath, [script, ...args, folder])),
    );
    expect(shown).toContain('KSampler');
    expect(shown).toMatch(/ {2}3 of 3/);
  });
}

/** What they say when something is wrong. */
export function exampleWords(served: () => Served): void {
  it('says in words what is wrong, in each of them', async () => {
    const { path: file } = await served().file();
    const text = await readFile(file, 'utf8');
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [served().address, text.replace('"euler"', '"nonsense"'), /node 5 \(KSampler\).*not in list/s],
      ['127.0.0.1:1', text, /does not answer/],
      [served().address, '{"nodes": []}', /not in API format/],
    ];
    for (const [address, workflow, words] of cases) {
      await writeFile(file, workflow);
      const target = await served().folder();
      const ended = [await run(process.execPath, [await compiled(), address, file, target])];
      if (await has('python3'))
        ended.push(await run('python3', [inPython('run_workflow.py'), address, file, '--out', target]));
      for (const { code, stderr } of ended) {
        expect(code).toBe(1);
        expect(stderr).toMatch(words);
        expect(stderr).not.toMatch(/Traceback| {4}at /);
      }
    }
  });
}

let script: Promise<string> | null = null;

/** @returns the TypeScript example as somebody gets it who copies its folder: checked and compiled on its own */
function compiled(): Promise<string> {
  script ??= compile();
  return script;
}

async function compile(): Promise<string> {
  const folder = path.resolve('.cache/clients-example');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{"type": "module"}');
  await writeFile(path.join(folder, 'run-workflow.ts'), await readFile(TYPESCRIPT));
  const flags = [
    '--ignoreConfig',
    '--strict',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  const tsc = path.resolve('node_modules/typescript/bin/tsc');
  const { code, stdout } = await run(process.execPath, [tsc, ...flags, 'run-workflow.ts'], { cwd: folder });
  if (code !== 0) throw new Error(stdout);
  return path.join(folder, 'run-workflow.js');
}
