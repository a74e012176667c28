import { describe, expect, it } from 'vitest';
import { planLines, printPlan } from '../../../electron/cli/commands/plan.ts';
import { changeQueue, changeRun, printRuns, runLines } from '../../../electron/cli/commands/runs.ts';
import { LineReporter } from '../../../electron/cli/runs/reporters.ts';
import type { Terminal } from '../../../electron/cli/terminal.ts';
import { silentLogger } from '../../../electron/core/ports.ts';
import { Dispatcher } from '../../../electron/transports/dispatcher.ts';
import { createLocalClient } from '../../../electron/transports/local-client.ts';
import type { PlanPreview } from '../../../shared/plans.ts';
import { DEFAULT_RUN_OPTIONS } from '../../../shared/runs.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { finishedRun, runOf, shardOf } from './run-fixtures.ts';

const PLAN: PlanPreview = {
  kind: 'distributed',
  mode: 'fallback',
  modeReason: 'No selected worker is usable.',
  participants: [
    { id: 'master', name: 'Master', role: 'master', takesPart: true, reason: null },
    { id: 'w1', name: 'Worker 1', role: 'worker', takesPart: false, reason: 'Stopped' },
  ],
  seeds: [{ nodeId: '3', node: 'Sampler', input: 'seed', base: '18446744073709551613' }],
  shards: [
    { index: 0, seed: '18446744073709551613', slice: { first: 0, count: 2 }, values: [], nodes: 7 },
    {
      index: 1,
      seed: '18446744073709551614',
      slice: null,
      values: [{ nodeId: '6', input: 'text', value: 'b' }],
      nodes: 7,
    },
  ],
  shardCount: 3,
  secondStage: ['Upscale', 'Save'],
  inputs: [
    { nodeId: '1', name: 'a.png', bytes: 2_000, missing: false },
    { nodeId: '2', name: 'b.png', bytes: null, missing: true },
  ],
  warnings: ['The pictures are of two sizes.'],
  problems: ['b.png is missing.'],
  prompts: ['{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551613}}}', '{}'],
};

function terminalOf(screen: Terminal['screen'] = null) {
  const out: string[] = [];
  const terminal: Terminal = {
    print: (line) => void out.push(line),
    printError: () => undefined,
    hasColor: false,
    screen,
  };
  return { terminal, out };
}

function clientOf(answers: Partial<FakeCenter['handlers']> = {}) {
  const center = new FakeCenter();
  const dispatcher = new Dispatcher({ ...center.handlers, ...answers }, silentLogger);
  const client = createLocalClient({ dispatcher, events: center.events, origin: 'http://127.0.0.1' });
  return { center, client };
}

describe('ensemble plan', () => {
  it('tells people all that will happen', () => {
    const { terminal } = terminalOf();
    expect(planLines(PLAN, terminal).join('\n')).toBe(
      [
        'A distributed workflow: 3 shards, fallback. No selected worker is usable.',
        '',
        'Participants',
        '  ✓ Master (master)',
        '  – Worker 1 (w1): Stopped',
        '',
        'Seeds',
        '  Sampler (3), seed: 18446744073709551613 to 18446744073709551615',
        '',
        'Shards',
        '  SHARD  SEED                  NODES  OF ITS OWN',
        '  0      18446744073709551613  7      pictures 0 to 1 of the batch',
        '  1      18446744073709551614  7      6.text=b',
        '  … and 1 more',
        '',
        'Second pass on the master',
        '  Upscale, Save',
        '',
        'Files that it loads',
        '  ✓ a.png (2 KiB)',
        '  ✗ b.png: missing on the master',
        '',
        'Warnings',
        '  ! The pictures are of two sizes.',
        '',
        'Problems',
        '  ✗ b.png is missing.',
      ].join('\n'),
    );
  });

  const plan = async (order: { readonly json: boolean; readonly shard: number | null }) => {
    const { terminal, out } = terminalOf();
    const { client } = clientOf({ 'runs.plan': async () => PLAN });
    const code = await printPlan(
      client,
      { workflow: 'w', options: DEFAULT_RUN_OPTIONS, ...order },
      '{}',
      terminal,
    );
    return { code, out };
  };

  it('ends with 2 for what cannot be run, and prints programs the whole of it', async () => {
    const { code, out } = await plan({ json: true, shard: null });
    expect([code, JSON.parse(out.join('\n'))]).toEqual([2, PLAN]);
  });

  it('prints what one shard sends, with every digit', async () => {
    expect((await plan({ json: true, shard: 0 })).out).toEqual([PLAN.prompts[0]]);
    const pretty = (await plan({ json: false, shard: 0 })).out.join('\n');
    expect(pretty).toContain('      "seed": 18446744073709551613\n');
  });

  it('knows which shards there are', async () => {
    await expect(plan({ json: false, shard: 2 })).rejects.toMatchObject({ code: 'bad-argument' });
  });
});

describe('ensemble runs', () => {
  it('lists them with how far they are', () => {
    const { terminal } = terminalOf();
    const runs = [runOf({ createdAt: 0 }), { ...finishedRun('partial', 1), id: 'run-0', createdAt: 0 }];
    const queue = { paused: true, waiting: 3, running: 2 };
    expect(runLines({ runs, queue, more: true }, terminal, 61_000)).toEqual([
      '2 running, 3 waiting  ·  the queue is paused',
      '',
      'RUN    STATE        NAME     SHARDS  FILES  MODE           WHEN',
      'run-1  Running      txt2img  0/2     0      participating  61 s ago',
      'run-0  Partly done  txt2img  1/2     0      participating  61 s ago',
      '…',
    ]);
  });

  it('tells why what waits still waits', () => {
    const { terminal } = terminalOf();
    const waits = 'Waits for Worker 2, which computes something else.';
    const runs = [runOf({ status: 'queued', createdAt: 0, waits }), runOf({ id: 'run-2', createdAt: 0 })];
    const queue = { paused: false, waiting: 2, running: 2 };
    expect(runLines({ runs, queue, more: false }, terminal, 61_000).slice(2)).toEqual([
      'RUN    STATE    NAME     SHARDS  FILES  MODE           WHEN      WHY IT WAITS',
      `run-1  Queued   txt2img  0/2     0      participating  61 s ago  ${waits}`,
      'run-2  Running  txt2img  0/2     0      participating  61 s ago  –',
    ]);
  });

  it('says when there is none', async () => {
    const queue = { paused: false, waiting: 0, running: 0 };
    const { client } = clientOf({ 'runs.list': async () => ({ runs: [], queue, more: false }) });
    const { terminal, out } = terminalOf();
    await printRuns(client, terminal, { json: false, limit: 20 });
    expect(out).toEqual(['0 running, 0 waiting', 'No run yet.']);
  });
});

describe('what changes a run', () => {
  const page = (...ids: readonly string[]) => ({
    'runs.list': async () => ({
      runs: ids.map((id) => runOf({ id })),
      queue: { paused: false, waiting: 0, running: 0 },
      more: false,
    }),
  });

  it.each([
    ['cancel', 'abc-1', 'abc-1: cancelled.'],
    ['cancel', 'ab', 'abc-1: cancelled.'],
    ['retry', 'abc-1', 'abc-1: its failed shards are queued again.'],
    ['again', 'abc-1', 'Submitted as run-1.'],
  ] as const)('%s %s', async (command, target, line) => {
    const { terminal, out } = terminalOf();
    const { client, center } = clientOf(page('abc-1', 'xyz-2'));
    await changeRun(client, terminal, { command, target, json: false });
    expect(out).toEqual([line]);
    expect(center.calls).toEqual([{ command: `runs.${command}`, args: { runId: 'abc-1' } }]);
  });

  it.each([
    ['abd-1', 'Did you mean “abc-1”?'],
    ['nothing', '`ensemble runs` lists them.'],
    ['a', 'Write more of the id.'],
  ])('does not guess: %s', async (target, hint) => {
    const { client, center } = clientOf(page('abc-1', 'axy-2'));
    const order = { command: 'cancel', target, json: false } as const;
    await expect(changeRun(client, terminalOf().terminal, order)).rejects.toMatchObject({ hint });
    expect(center.calls).toEqual([]);
  });

  it('pauses and resumes the queue', async () => {
    const { client, center } = clientOf();
    await changeQueue(client, terminalOf().terminal, 'pause');
    await changeQueue(client, terminalOf().terminal, 'resume');
    expect(center.calls.map(({ command }) => command)).toEqual(['queue.pause', 'queue.resume']);
  });
});

describe('on a screen', () => {
  it('bars stay below the lines, and are drawn again when its size changes', () => {
    const written: string[] = [];
    let resize = (): void => undefined;
    let columns = 100;
    const { terminal, out } = terminalOf({
      size: () => ({ columns, rows: 24 }),
      write: (text) => void written.push(text),
      onResize: (listener) => {
        resize = listener;
        return () => {
          resize = () => undefined;
        };
      },
    });
    const reporter = new LineReporter(terminal, () => 0);
    reporter.submitted('run-1', 'cat');
    reporter.run(runOf());
    reporter.shard(shardOf(0));
    expect(written.at(-1)).toContain('Master    █████░');
    columns = 40;
    resize();
    expect(written.at(-1)).toContain('Master    ██░░░░  shard 0 ');
    const end = { ...SAMPLES['runs.get'].result, run: finishedRun('done', 2), shards: [] };
    reporter.done(end);
    expect(written.at(-1)?.endsWith('\u001b[J')).toBe(true);
    const before = written.length;
    resize();
    expect(written).toHaveLength(before);
    expect(out.at(-1)).toBe('Done: 2 of 2 shards, 0 files in 3.0 s.');
    expect(out.some((line) => line.includes('runs on'))).toBe(false);
  });
});
