import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../../electron/cli/run.ts';
import type { ControlServer } from '../../../electron/transports/http-server.ts';
import type { GatewayStatus } from '../../../shared/contract.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { serve, TOKEN } from '../../contract/links.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const instance = (id: string, name: string, more: Partial<InstanceSnapshot> = {}): InstanceSnapshot =>
  instanceSnapshot({
    id,
    role: id === 'master' ? 'master' : 'worker',
    name,
    port: 8188,
    url: 'http://127.0.0.1:8188',
    device: 'cpu',
    gpuUuid: null,
    ...more,
  });

let data: string;
let center: FakeCenter;
let server: ControlServer;
beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'ensemble-cli-'));
  center = new FakeCenter();
  const fleet = {
    ...SAMPLES['fleet.snapshot'].result,
    instances: [instance('master', 'Master', { queue: 2 }), instance('w1', 'Wörker 1 🎨')],
  };
  const handlers = { ...center.handlers, 'fleet.snapshot': async () => fleet };
  server = await serve(Object.assign(center, { handlers }));
  await writeFile(
    path.join(data, 'control.json'),
    JSON.stringify({ url: server.url, token: TOKEN, pid: process.pid }),
  );
});
afterEach(async () => {
  await server.close();
  await rm(data, { recursive: true, force: true });
});

async function cli(...argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = {
    print: (line: string) => void out.push(line),
    printError: (line: string) => void err.push(line),
    hasColor: false,
    screen: null,
  };
  const environment = { ENSEMBLE_DATA: data };
  const code = await runCli({
    argv,
    terminal,
    environment,
    directory: '/nowhere',
    version: () => '1.2.3',
    input: () => Readable.from([]),
    ask: null,
    onInterrupt: () => () => undefined,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('with a control center running', () => {
  it('status lines up every instance and names the mode', async () => {
    const { code, out } = await cli('status');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        '2 of 2 ready, 2 queued  ·  Master participating in workflows',
        '',
        'ID      NAME         STATE            DEVICE  PORT  QUEUE',
        'master  Master       Busy (2 queued)  cpu     8188  2',
        'w1      Wörker 1 🎨  Ready            cpu     8188  0',
        '',
        'ComfyUI address of the whole fleet: http://127.0.0.1:8200',
      ].join('\n'),
    );
  });

  it.each([
    ['status'],
    ['gateway'],
    ['gpus'],
    ['doctor'],
    ['open'],
    ['logs', 'master'],
    ['runs'],
    ['again', 'run-1'],
  ])('%s prints one JSON value', async (...words) => {
    const { code, out, err } = await cli(...words, '--json');
    expect([code, err]).toEqual([0, '']);
    expect(typeof JSON.parse(out)).toBe('object');
  });

  it('gateway says where, for whom and who, and the token only where it is asked for', async () => {
    const { code, out } = await cli('gateway');
    expect([code, out]).toEqual([
      0,
      [
        'ComfyUI address of the whole fleet: http://127.0.0.1:8200',
        'Open to the network, with the token: http://192.0.2.2:8200',
        '`ensemble gateway --show-token` prints the token.',
        '',
        'ADDRESS    PROGRAM     CLIENT   SINCE                PROMPTS',
        '192.0.2.7  curl/8.5.0  naïve ✓  1970-01-01 00:00:00  2',
      ].join('\n'),
    ]);
    expect(center.calls.map(({ command }) => command)).not.toContain('gateway.token');
    expect(JSON.parse((await cli('gateway', '--json')).out)).not.toHaveProperty('token');
    expect((await cli('gateway', '--show-token')).out).toContain('Token: a-token-of-a-sample');
    expect(JSON.parse((await cli('gateway', '--json', '--show-token')).out)).toMatchObject({
      url: 'http://127.0.0.1:8200',
      token: 'a-token-of-a-sample',
    });
  });

  it('gateway prints nothing that would steer the terminal, and says when there is no address', async () => {
    const status = SAMPLES['gateway.status'].result;
    const [one] = status.clients;
    if (one === undefined) throw new Error('no client');
    const answer = (result: GatewayStatus) =>
      Object.assign(center, {
        handlers: Object.assign(center.handlers, { 'gateway.status': async () => result }),
      });
    answer({
      ...status,
      open: false,
      addresses: [],
      clients: [{ ...one, program: '\u001b[2J\u202e' }],
      clientCount: 3,
    });
    const { out } = await cli('gateway');
    expect(out).toContain('For this machine alone');
    expect(out).toContain('?[2J?');
    expect(out).toContain('and 2 more');
    answer({ ...status, url: null });
    expect((await cli('gateway')).out).toContain('has no ComfyUI address now');
  });

  it('start, stop and restart take an id or a name', async () => {
    expect((await cli('start', 'w1')).out).toBe('Wörker 1 🎨: starting.');
    expect((await cli('stop', 'wörker 1 🎨')).code).toBe(0);
    expect((await cli('restart', '--all')).code).toBe(0);
    expect((await cli('stop', '--all')).code).toBe(0);
    const power = center.calls.filter(({ command }) => /start|stop/i.test(command));
    expect(power.map(({ command, args }) => `${command} ${JSON.stringify(args)}`)).toEqual([
      'instance.start {"id":"w1"}',
      'instance.stop {"id":"w1"}',
      'instance.restart {"id":"master"}',
      'instance.restart {"id":"w1"}',
      'fleet.stopAll {}',
    ]);
  });

  it('suggests the instance that was meant', async () => {
    expect(await cli('stop', 'mastre')).toEqual({
      code: 1,
      out: '',
      err: 'There is no instance “mastre”.\nDid you mean “master”?',
    });
  });

  it('open prints a link that signs in', async () => {
    const { out } = await cli('open', '--no-open');
    expect((await fetch(out, { redirect: 'manual' })).status).toBe(303);
  });

  it('logs prints the text of the lines', async () => {
    expect((await cli('logs', 'master', '-n', '5')).out).toBe('naïve ✓ \u2028');
  });
});

describe('without a control center', () => {
  it.each([['status'], ['open'], ['start', '--all'], ['logs', 'm', '-f']])(
    '%s says so and ends with 4',
    async (...words) => {
      await server.close();
      const { code, out, err } = await cli(...words);
      expect([code, out]).toEqual([4, '']);
      expect(err).toContain(`No control center is running on ${data}.`);
      expect(err).toContain('npx ensemble serve');
    },
  );

  it('takes another program that has its port by now for none', async () => {
    await writeFile(
      path.join(data, 'control.json'),
      JSON.stringify({ url: server.url, token: 'of a dead one', pid: 1 }),
    );
    expect((await cli('status')).code).toBe(4);
  });
});

it('ends with 2 for a wrong command line, and prints help and version', async () => {
  expect(await cli('stat')).toMatchObject({ code: 2, out: '' });
  expect((await cli('--version')).out).toBe('1.2.3');
  expect((await cli('--help')).out).toContain('Exit codes');
});
