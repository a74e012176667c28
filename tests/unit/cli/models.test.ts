import { describe, expect, it } from 'vitest';
import { type ModelsOrder, printModels, reportLines } from '../../../electron/cli/commands/models.ts';
import { silentLogger } from '../../../electron/core/ports.ts';
import { Dispatcher } from '../../../electron/transports/dispatcher.ts';
import { createLocalClient } from '../../../electron/transports/local-client.ts';
import type { ModelReport, NamedModel } from '../../../shared/models.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const SAMPLE = SAMPLES['models.check'].result;
const ORDER: ModelsOrder = { workflow: 'w', script: null, worker: null, json: false };

function model(change: Partial<NamedModel>): NamedModel {
  return {
    ...{ id: '9', name: 'a.pt', folder: 'loras', nodes: ['LoRA'], url: null, urlProblem: null },
    ...{ sizesDiffer: false, on: [] },
    ...change,
  };
}

async function print(order: Partial<ModelsOrder> = {}, report: ModelReport = SAMPLE) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    print: (line: string) => void out.push(line),
    printError: (line: string) => void err.push(line),
    hasColor: false,
    screen: null,
  };
  const center = new FakeCenter();
  const instances = [
    instanceSnapshot({ id: 'master', name: 'Master', role: 'master' }),
    instanceSnapshot({ id: 'worker-1', name: 'Wörker 1' }),
  ];
  const handlers = {
    ...center.handlers,
    'models.check': async () => report,
    'fleet.snapshot': async () => ({ ...SAMPLES['fleet.snapshot'].result, instances }),
  };
  const dispatcher = new Dispatcher(handlers, silentLogger);
  const client = createLocalClient({ dispatcher, events: center.events, origin: 'http://127.0.0.1' });
  const code = await printModels(client, { ...ORDER, ...order }, '{}', terminal);
  return { code, out, err, calls: center.calls };
}

describe('ensemble models', () => {
  it('tells people who lacks what, and ends with 1', async () => {
    const { code, out } = await print();
    expect(code).toBe(1);
    expect(out).toEqual([
      '1 model missing on 1 worker.',
      '',
      '  ✓ Master (master): can run it',
      '  ✗ Wörker 1 (worker-1): Has no model naïve ✓.safetensors.',
      '',
      'MODEL                FOLDER       SIZE     MISSING ON  ADDRESS',
      'naïve ✓.safetensors  checkpoints  0.0 KiB  Wörker 1    https://models.example/a?b=1',
    ]);
  });

  it('says what it does not know, and what differs', () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const instances = names.map((name) => ({
      ...{ id: name, name, role: 'worker' as const, missingNodes: [], missingModels: 1 },
      ...{ canRun: null, why: 'Stopped.' },
    }));
    const missing = { status: 'missing' } as const;
    const there = (bytes: number) => ({ status: 'there', bytes }) as const;
    const unknown = { status: 'unknown' } as const;
    const models = [
      model({ on: names.map(() => missing) }),
      model({ name: 'b.pt', folder: null, sizesDiffer: true, on: [there(2 ** 20), there(2 ** 31), unknown] }),
    ];
    const terminal = { print: () => {}, printError: () => {}, hasColor: false, screen: null };
    const lines = reportLines({ instances, models, warnings: ['Nobody knows X.'] }, terminal);
    expect(lines.slice(0, 3)).toEqual([
      '1 model missing on 5 workers; 5 instances cannot be asked.',
      '',
      '  ? a (a): Stopped.',
    ]);
    expect(lines.slice(-5)).toEqual([
      'MODEL  FOLDER  SIZE                MISSING ON          ADDRESS',
      'a.pt   loras   –                   a, b, c and 2 more  –',
      'b.pt   ?       1.0 MiB or 2.0 GiB  not known: c        –',
      '',
      '! Nobody knows X.',
    ]);
  });

  it.each([
    ['everything is there', {}, 0],
    ['one cannot be asked', { canRun: null, why: 'Stopped.' }, 3],
    ['a class is missing', { canRun: false, why: 'Lacks the node X.' }, 1],
  ] as const)('ends so that a script can tell: %s', async (_, change, expected) => {
    const [master, worker] = SAMPLE.instances;
    if (master === undefined || worker === undefined) throw new Error('The sample has two instances.');
    const instances = [master, { ...worker, missingModels: 0, canRun: true, why: null, ...change }];
    const { code } = await print({}, { ...SAMPLE, instances });
    expect(code).toBe(expected);
  });

  it('looks at one instance alone', async () => {
    const { code, out } = await print({ worker: 'master', json: true });
    const report = JSON.parse(out.join('')) as ModelReport;
    expect(code).toBe(0);
    expect(report.instances.map(({ id }) => id)).toEqual(['master']);
    expect(report.models[0]?.on).toEqual([{ status: 'there', bytes: 7 }]);
    await expect(print({ worker: 'nobody' })).rejects.toMatchObject({
      code: 'bad-argument',
      problems: [{ field: '--worker' }],
    });
  });

  it('prints the script alone', async () => {
    const { code, out, calls } = await print({ script: 'powershell', worker: 'Wörker 1' });
    expect([code, out]).toEqual([0, ["Get-Model 'a'"]]);
    expect(calls.at(-1)).toEqual({
      command: 'models.script',
      args: { workflow: '{}', shell: 'powershell', instance: 'worker-1' },
    });
  });
});
