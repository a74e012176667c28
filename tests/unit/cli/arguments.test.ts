import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { DEFAULT_RUN_OPTIONS } from '../../../shared/runs.ts';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

describe('the command line', () => {
  it.each([
    ['', { command: 'help' }],
    ['--help', { command: 'help' }],
    ['logs --help', { command: 'help' }],
    ['--version', { command: 'version' }],
    ['serve --port 1 --whatever', { command: 'serve', args: ['--port', '1', '--whatever'] }],
    ['status', { command: 'status', json: false, data: null }],
    [
      'agent --name cellar --port=1 --demo',
      {
        command: 'agent',
        args: ['--agent', '--no-open', '--agent-name', 'cellar', '--agent-port=1', '--demo'],
      },
    ],
    ['agents', { command: 'agents', action: 'list', json: false, data: null }],
    [
      'agents pair 10.0.0.5 7KQ2-M9XD --json',
      {
        command: 'agents',
        action: 'pair',
        host: '10.0.0.5',
        port: 8290,
        code: '7KQ2-M9XD',
        json: true,
        data: null,
      },
    ],
    [
      'agents pair [::1]:9 c',
      { command: 'agents', action: 'pair', host: '::1', port: 9, code: 'c', json: false, data: null },
    ],
    [
      'agents pair fe80::1 c',
      { command: 'agents', action: 'pair', host: 'fe80::1', port: 8290, code: 'c', json: false, data: null },
    ],
    [
      'agents pair gpu.local:8291 c',
      {
        command: 'agents',
        action: 'pair',
        host: 'gpu.local',
        port: 8291,
        code: 'c',
        json: false,
        data: null,
      },
    ],
    [
      'agents unpair x --data /d',
      { command: 'agents', action: 'unpair', target: 'x', json: false, data: '/d' },
    ],
    ['discover', { command: 'discover', scan: null, json: false, data: null }],
    [
      'discover h 8188-8191',
      { command: 'discover', scan: { host: 'h', ports: '8188-8191' }, json: false, data: null },
    ],
    ['--data /d status --json', { command: 'status', json: true, data: '/d' }],
    ['start worker-1', { command: 'start', target: 'worker-1', json: false, data: null }],
    ['stop --all', { command: 'stop', target: null, json: false, data: null }],
    [
      'logs master',
      { command: 'logs', target: 'master', follow: false, lines: 100, json: false, data: null },
    ],
    ['logs m -f -n 5', { command: 'logs', target: 'm', follow: true, lines: 5, json: false, data: null }],
    ['runs --limit 3', { command: 'runs', limit: 3, json: false, data: null }],
    ['cancel r1', { command: 'cancel', target: 'r1', json: false, data: null }],
    ['queue pause', { command: 'queue', action: 'pause', json: false, data: null }],
    [
      'run w.json',
      {
        command: 'run',
        workflow: 'w.json',
        options: DEFAULT_RUN_OPTIONS,
        out: null,
        wait: true,
        name: null,
        json: false,
        data: null,
      },
    ],
    [
      'plan - --copies 4 --split-batch --mode orchestrator --on w1,w2 --on master --front --shard 3',
      {
        command: 'plan',
        workflow: '-',
        options: {
          copies: 4,
          splitBatch: true,
          mode: 'orchestrator',
          on: ['w1', 'w2', 'master'],
          set: [],
          front: true,
        },
        shard: 3,
        json: false,
        data: null,
      },
    ],
    [
      'models w.json --script bash --worker w1',
      { command: 'models', workflow: 'w.json', script: 'bash', worker: 'w1', json: false, data: null },
    ],
    ['open --no-open', { command: 'open', open: false, json: false, data: null }],
  ])('reads “%s”', (line, order) => {
    expect(parse(line)).toEqual(order);
  });

  it.each([
    ['stats', 'Did you mean “status”?'],
    ['status --jsno', 'Did you mean --json?'],
    ['logs m --folow', 'Did you mean --follow?'],
    ['gpus --all', 'See: ensemble --help'],
    ['start', 'Use: ensemble start ID, or ensemble start --all'],
    ['start a --all', 'Use: ensemble start ID, or ensemble start --all'],
    ['logs', 'Use: ensemble logs ID'],
    ['start Worker 1', 'Put a name with spaces in quotes.'],
    ['status extra', 'See: ensemble --help'],
    ['--data', 'See: ensemble --help'],
    ['rnu w.json', 'Did you mean “run”?'],
    ['run w.json --copeis 3', 'Did you mean --copies?'],
    ['run w.json --mode orchestrater', 'Did you mean “orchestrator”?'],
    ['run w.json --on w1,,w2', 'E.g. --on master,worker-1'],
    ['run w.json --out d --no-wait', 'Leave one of them out.'],
    ['run w.json --shard 1', 'See: ensemble --help'],
    ['run', 'Use: ensemble run WORKFLOW.json, or “-” for what comes in'],
    ['agents pair 10.0.0.5', 'Use: ensemble agents pair HOST CODE'],
    ['agents unpiar x', 'Did you mean “agents unpair”?'],
    ['agents list x', 'Use: ensemble agents list'],
    ['discover 10.0.0.5', 'Use: ensemble discover, or ensemble discover 192.168.1.20 8188-8191'],
    ['cancel', 'Use: ensemble cancel RUN (“ensemble runs” lists them)'],
    ['models', 'Use: ensemble models WORKFLOW.json, or “-” for what comes in'],
    ['models w.json --script cmd', 'Use bash or powershell.'],
    ['models w.json --copies 2', 'See: ensemble --help'],
    ['queue stop', 'Use: ensemble queue pause, or ensemble queue resume'],
  ])('refuses “%s” with a hint', (line, hint) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'bad-argument', hint }));
  });

  it.each(['0', '-1', '5001', '1e3', 'x', ''])('takes no %j lines', (lines) => {
    expect(() => parseCommandLine(['logs', 'm', `--lines=${lines}`])).toThrow(EnsembleError);
  });

  it.each(['0', '-1', '100001', '1.5', '', 'four'])('takes no %j copies', (copies) => {
    expect(() => parseCommandLine(['run', 'w', `--copies=${copies}`])).toThrow(
      /--copies takes a whole number/,
    );
  });

  it.each([
    ['3.seed=5', { node: '3', input: 'seed', value: '5' }],
    ['57:3.images.image0=a.b=c', { node: '57:3', input: 'images.image0', value: 'a.b=c' }],
    ['K. Sampler v1.5.steps=20', { node: 'K. Sampler v1.5', input: 'steps', value: '20' }],
    ['6.text=', { node: '6', input: 'text', value: '' }],
    ['6.text=two\nlines', { node: '6', input: 'text', value: 'two\nlines' }],
  ])('reads --set %j', (text, override) => {
    expect(parseCommandLine(['run', 'w', '--set', text])).toMatchObject({ options: { set: [override] } });
  });

  it.each(['', '=', 'seed=5', '3.=5', '.seed=5', '3.seed'])('refuses --set %j', (text) => {
    expect(() => parseCommandLine(['run', 'w', `--set=${text}`])).toThrow(/--set takes NODE.INPUT=VALUE/);
  });

  it('is read or refused, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '--__proto__',
        '--constructor',
        '--',
        '-n',
        '-f',
        '--json=1',
        'logs',
        'start',
        '--all',
        'run',
        '--set',
        '-',
        'queue',
      ),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          parseCommandLine(argv);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
