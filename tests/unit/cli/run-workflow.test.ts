import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../electron/cli/run.ts';
import type { ControlServer } from '../../../electron/transports/http-server.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { RunDetail, RunOptions } from '../../../shared/runs.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { serve, TOKEN } from '../../contract/links.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { artifactOf, attemptOf, finishedRun, runOf, shardOf } from './run-fixtures.ts';

const WORKFLOW = '{"1": {"class_type": "EmptyImage", "inputs": {"color": 18446744073709551615}}}';
const RUNNING: RunDetail = { run: runOf(), shards: [shardOf(0), shardOf(1)], artifacts: [] };
const done = (...shards: readonly number[]): RunDetail => ({
  run: finishedRun(shards.length === 2 ? 'done' : 'partial', shards.length),
  shards: shards.map((index) => shardOf(index, { status: 'done' })),
  artifacts: shards.map((index) => artifactOf(index)),
});

let folder: string;
let file: string;
let center: FakeCenter;
let server: ControlServer;
/** What runs.get answers. */
let detail: RunDetail;
/** Calls when the command has asked for the run. */
let onLook: () => void;
let interrupt: () => void;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ensemble-run-'));
  file = path.join(folder, 'cat.json');
  await writeFile(file, WORKFLOW);
  detail = RUNNING;
  onLook = () => undefined;
  interrupt = () => undefined;
  server = await startCenter(TOKEN);
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

async function startCenter(token: string): Promise<ControlServer> {
  center = new FakeCenter();
  const instances = [
    instanceSnapshot({ id: 'master', role: 'master', name: 'Master' }),
    instanceSnapshot({ id: 'w1', name: 'Worker 1' }),
  ];
  const handlers = {
    ...center.handlers,
    'fleet.snapshot': async () => ({ ...SAMPLES['fleet.snapshot'].result, instances }),
    'runs.get': async () => {
      setImmediate(onLook);
      return detail;
    },
  };
  const started = await serve(Object.assign(center, { handlers }), {
    token,
    serveFile: async (pathname) => {
      const shard = /a-(\d)\.png$/.exec(pathname)?.[1];
      if (shard === undefined) return null;
      return { status: 200, headers: {}, body: Readable.from([Buffer.from(`file${shard}`)]) };
    },
  });
  const control = { url: started.url, token, pid: process.pid };
  await writeFile(path.join(folder, 'control.json'), JSON.stringify(control));
  return started;
}

async function cli(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli({
    argv,
    terminal: {
      print: (line) => void out.push(line),
      printError: (line) => void err.push(line),
      hasColor: false,
      screen: null,
    },
    environment: { ENSEMBLE_DATA: folder },
    directory: '/nowhere',
    version: () => '1',
    input: () => Readable.from([Buffer.from(WORKFLOW)]),
    ask: null,
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
  });
  return { code, out, err };
}

const submitted = (): unknown => center.calls.find(({ command }) => command === 'runs.submit')?.args;
/** The run ends as soon as somebody looks at it. */
const endWith = (end: RunDetail): void => {
  onLook = () => {
    onLook = () => undefined;
    detail = end;
    center.emit('shards', [...end.shards]);
    center.emit('runs', { runs: [end.run], removed: [], queue: { paused: false, waiting: 0, running: 0 } });
  };
};

describe('ensemble run', () => {
  it('submits the text as it stands, with the options, and waits for the end', async () => {
    endWith(done(0, 1));
    const { code, out, err } = await cli(
      'run',
      file,
      '--copies',
      '2',
      '--on',
      'worker 1',
      '--set',
      '1.color=7',
    );
    expect([code, err]).toEqual([0, []]);
    const options: RunOptions = {
      copies: 2,
      splitBatch: false,
      mode: 'auto',
      on: ['w1'],
      set: [{ node: '1', input: 'color', value: '7' }],
      front: false,
    };
    expect(submitted()).toEqual({ name: 'cat', workflow: WORKFLOW, options });
    expect(out).toEqual([
      '“cat” is submitted as run-1.',
      'Participating on Master, Worker 1: The master takes part.',
      'Shard 0 · seed 100 runs on Master.',
      'Shard 1 · seed 101 runs on Worker 1.',
      'Shard 0 · seed 100 is done on Master.',
      'Shard 1 · seed 101 is done on Worker 1.',
      '/home/me/output/ensemble/p_00000_.png',
      '/home/me/output/ensemble/p_00001_.png',
      'Done: 2 of 2 shards, 2 files in 3.0 s.',
    ]);
  });

  it('prints one JSON event a line', async () => {
    endWith(done(0, 1));
    const { code, out } = await cli('run', '-', '--json', '--name', 'naïve');
    expect(code).toBe(0);
    const events = out.map((line) => JSON.parse(line));
    const names = events.map(({ event }) => event);
    expect(names.join(' ')).toBe('submitted run shard shard shard shard run artifact artifact done');
    expect(events[0]).toEqual({ event: 'submitted', runId: 'run-1', name: 'naïve' });
    expect(events.find(({ event }) => event === 'artifact')).toMatchObject({
      artifact: { id: 'a-0', seed: '18446744073709551615' },
      file: null,
    });
    expect(events.at(-1)).toEqual({
      event: 'done',
      runId: 'run-1',
      status: 'done',
      exitCode: 0,
      error: null,
    });
  });

  it.each([
    ['failed', 1],
    ['cancelled', 1],
    ['partial', 3],
  ] as const)('ends with its own code when the run is %s', async (status, code) => {
    detail = { ...RUNNING, run: finishedRun(status, 1) };
    expect((await cli('run', file)).code).toBe(code);
  });

  it('says where a shard failed and where a lost one goes', async () => {
    const error = {
      message: 'CUDA out of memory.',
      nodeId: '3',
      nodeType: 'KSampler',
      exceptionType: null,
      traceback: [],
    };
    const lost = attemptOf(1, { outcome: 'lost', reason: 'Worker 1 stopped answering.' });
    detail = { ...RUNNING, shards: [shardOf(0), shardOf(1, { status: 'queued', attempts: [lost] })] };
    endWith({
      run: { ...finishedRun('partial', 1), error: 'CUDA out of memory.' },
      shards: [shardOf(0, { status: 'failed', error }), shardOf(1, { status: 'done' })],
      artifacts: [],
    });
    const { out, err } = await cli('run', file);
    expect(out).toContain('Shard 1 · seed 101 goes elsewhere: Worker 1 stopped answering.');
    expect(out).toContain('Shard 0 · seed 100 failed.');
    expect(err).toEqual(['Shard 0 · seed 100: CUDA out of memory. (KSampler 3)']);
  });

  it('only submits with --no-wait', async () => {
    const { code, out } = await cli('run', file, '--no-wait', '--front');
    expect([code, out]).toEqual([0, ['“cat” is submitted as run-1.']]);
    expect(center.calls.map(({ command }) => command)).not.toContain('runs.get');
    expect(submitted()).toMatchObject({ options: { front: true } });
  });

  it('leaves the run alone on Ctrl+C', async () => {
    onLook = () => interrupt();
    const { code, err } = await cli('run', file);
    expect([code, err]).toEqual([130, ['The run goes on. To end it: ensemble cancel run-1']]);
    expect(center.calls.map(({ command }) => command)).not.toContain('runs.cancel');
  });

  it('finds a control center that was started again elsewhere, and submits nothing twice', async () => {
    let first = true;
    onLook = () => {
      if (!first) return;
      first = false;
      const before = center;
      detail = done(0, 1);
      void server.close().then(async () => {
        server = await startCenter('another-token-for-tests');
        expect(center).not.toBe(before);
      });
    };
    const { code, out, err } = await cli('run', file);
    expect([code, out.at(-1)]).toEqual([0, 'Done: 2 of 2 shards, 2 files in 3.0 s.']);
    expect(err).toEqual([
      'The control center does not answer; it is looked for.',
      'The control center is there again.',
    ]);
    expect(submitted()).toBeUndefined();
  });

  it('ends when the run is removed', async () => {
    onLook = () =>
      center.emit('runs', { runs: [], removed: ['run-1'], queue: { paused: false, waiting: 0, running: 0 } });
    expect(await cli('run', file)).toMatchObject({ code: 1, err: ['The run run-1 was removed.'] });
  });
});

describe('ensemble run --out', () => {
  it('copies every file, over nothing that is there', async () => {
    const out = path.join(folder, 'results');
    await mkdir(out);
    await writeFile(path.join(out, 'p_00001_.png'), 'mine');
    endWith(done(0, 1));
    const result = await cli('run', file, '--out', out);
    expect(result.code).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['p_00001_ (1).png', 'p_00001_ (2).png', 'p_00001_.png']);
    expect(await readFile(path.join(out, 'p_00001_.png'), 'utf8')).toBe('mine');
    expect(await readFile(path.join(out, 'p_00001_ (1).png'), 'utf8')).toBe('file0');
    expect(await readFile(path.join(out, 'p_00001_ (2).png'), 'utf8')).toBe('file1');
    expect(result.out).toContain(path.join(out, 'p_00001_ (1).png'));
  });

  it('stays inside the folder, whatever a file is called', async () => {
    const out = path.join(folder, 'deep', 'results');
    detail = {
      ...done(0, 1),
      artifacts: [artifactOf(0, { name: '../../../escaped.png' }), artifactOf(1, { name: 'a/..' })],
    };
    expect((await cli('run', file, '--out', out)).code).toBe(0);
    expect((await readdir(out)).sort()).toEqual(['a-1', 'escaped.png']);
  });

  it('keeps no file that came in part', async () => {
    const out = path.join(folder, 'results');
    detail = { ...done(0, 1), artifacts: [artifactOf(0, { bytes: 4 })] };
    const { code, err } = await cli('run', file, '--out', out);
    expect(code).toBe(1);
    expect(err.join('\n')).toContain('came with 5 of 4 bytes');
    expect(await readdir(out)).toEqual([]);
  });

  it('is refused where the folder is a file, before anything is submitted', async () => {
    expect(await cli('run', file, '--out', file)).toMatchObject({ code: 2 });
    expect(submitted()).toBeUndefined();
  });
});

describe('what cannot be run ends with 2', () => {
  it('a file that is none, also without a control center', async () => {
    await server.close();
    for (const command of ['run', 'plan']) {
      const { code, err } = await cli(command, path.join(folder, 'none.json'));
      expect([code, err[0]]).toEqual([2, `There is no file ${path.join(folder, 'none.json')}.`]);
    }
    expect((await cli('run', file)).code).toBe(4);
  });

  it('an instance that is not there', async () => {
    const { code, err } = await cli('run', file, '--on', 'master,w9');
    expect([code, err]).toEqual([2, ['There is no instance “w9”.', 'Did you mean “w1”?']]);
  });

  it('a workflow that the control center refuses, with each of its problems', async () => {
    const problems = [{ field: '3', message: 'has no class “Nope”' }];
    center.fail(
      'runs.submit',
      new EnsembleError('bad-argument', 'The workflow cannot be run.', null, problems),
    );
    expect(await cli('run', file)).toEqual({
      code: 2,
      out: [],
      err: ['The workflow cannot be run.', '  3: has no class “Nope”'],
    });
  });
});
