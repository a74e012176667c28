import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { runCli } from '../../../electron/cli/run.ts';
import type { ControlServer } from '../../../electron/transports/http-server.ts';
import type { CommandArgs, CommandHandlers } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { InstanceSnapshot } from '../../../shared/model.ts';
import {
  NOTHING_MEASURED,
  type Readiness,
  type RemoteFacts,
  type RungState,
} from '../../../shared/remote.ts';
import { FakeCenter } from '../../contract/fake-center.ts';
import { serve, TOKEN } from '../../contract/links.ts';
import { SAMPLES } from '../../contract/samples.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';

const passed: RungState = { status: 'passed', detail: 'Well.' };
const waiting: RungState = { status: 'waiting' };
const CERTIFICATE = { pem: 'PEM', fingerprint: 'AB:CD:01', subject: 'CN=gpu-box', validTo: 'Mar 31 2027' };
const failed: RungState = {
  status: 'failed',
  detail: 'Its certificate is \u001b[31mself-signed.',
  remedy: 'Compare it.',
  command: 'openssl x509',
  certificate: CERTIFICATE,
};
const GREEN: Readiness = {
  at: 1,
  done: true,
  rungs: { reachable: passed, comfyui: passed, nodes: passed, models: passed, files: passed },
  measured: { ...NOTHING_MEASURED, latencyMs: 3, uploadRate: 94e6, downloadRate: 101e6, version: '0.33.0' },
};
const SELF_SIGNED: Readiness = {
  ...GREEN,
  rungs: { reachable: failed, comfyui: waiting, nodes: waiting, models: waiting, files: waiting },
  measured: NOTHING_MEASURED,
};
const facts = (change: Partial<RemoteFacts> = {}): RemoteFacts => ({
  secure: false,
  path: '',
  certificate: null,
  access: null,
  readiness: GREEN,
  source: null,
  ...change,
});
const INSTANCES: readonly InstanceSnapshot[] = [
  instanceSnapshot({ id: 'master', role: 'master', name: 'Master' }),
  instanceSnapshot({ id: 'w1', name: 'Worker 1', url: 'http://127.0.0.1:8189', port: 8189, device: '1' }),
  instanceSnapshot({
    id: 'w2',
    name: 'gpu-box',
    type: 'remote',
    control: 'attached',
    host: 'gpu-box.local',
    port: 8188,
    link: { status: 'up', since: 0, latencyMs: 3 },
    remote: facts({ access: 'Bearer ••••3f9a', certificate: 'PEM', secure: true, path: '/comfy' }),
  }),
];

let data: string;
let center: FakeCenter;
let server: ControlServer;
let answerTest: CommandHandlers['remote.test'];
beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), 'ensemble-cli-'));
  center = new FakeCenter();
  const snapshot = { ...SAMPLES['fleet.snapshot'].result, instances: INSTANCES };
  answerTest = async (args) => {
    center.calls.push({ command: 'remote.test', args });
    return GREEN;
  };
  const answers = {
    ...center.handlers,
    'fleet.snapshot': async () => snapshot,
    'remote.test': (args: CommandArgs<'remote.test'>) => answerTest(args),
  };
  server = await serve(Object.assign(center, { handlers: answers }));
  await writeFile(
    path.join(data, 'control.json'),
    JSON.stringify({ url: server.url, token: TOKEN, pid: process.pid }),
  );
});
afterEach(async () => {
  await server.close();
  await rm(data, { recursive: true, force: true });
});

interface Around {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

async function cli(argv: readonly string[], { input = '', environment = {} }: Around = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli({
    argv: ['workers', ...argv],
    terminal: {
      print: (line) => void out.push(line),
      printError: (line) => void err.push(line),
      hasColor: false,
      screen: null,
    },
    environment: { ENSEMBLE_DATA: data, ...environment },
    directory: '/nowhere',
    version: () => '1.2.3',
    input: () => Readable.from([Buffer.from(input)]),
    onInterrupt: () => () => undefined,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** Arguments of the latest call of a command. */
const told = (command: string): unknown => center.calls.findLast((call) => call.command === command)?.args;

describe('ensemble workers', () => {
  it('lists them, for people and for programs, without secrets', async () => {
    const { out, code } = await cli([]);
    expect(code).toBe(0);
    expect(out).toContain('w2  gpu-box   remote  https://gpu-box.local:8188/comfy  Ready');
    expect(out).toContain('All 5 rungs hold');
    expect(out).not.toContain('master');
    const [, remote] = JSON.parse((await cli(['list', '--json'])).out);
    expect(remote).toMatchObject({ id: 'w2', access: 'Bearer ••••3f9a', readiness: { done: true } });
  });

  it('adds what is pasted', async () => {
    const { out, code } = await cli(['add', 'http://192.168.1.20:8190/?x=1']);
    expect({ out, code }).toEqual({ out: '192.168.1.20:8190 (worker-1) is added.', code: 0 });
    expect(told('remote.add')).toEqual({
      draft: {
        type: 'remote',
        name: '192.168.1.20:8190',
        host: '192.168.1.20',
        port: 8190,
        secure: false,
        path: '',
        certificate: null,
        access: { kind: 'none' },
      },
    });
    await cli(['add', 'wcegfo9tbbml9l-8188.proxy.runpod.net']);
    expect(told('remote.add')).toMatchObject({ draft: { type: 'cloud', port: 443, secure: true } });
  });

  it('adds part by part, with secrets from the environment or standard input', async () => {
    const parts = ['add', '--type', 'cloud', '--host', 'comfy.example.com', '--port', '8443', '--https'];
    await cli([...parts, '--path', 'gpu/1', '--name', 'Studio', '--bearer-env', 'KEY'], {
      environment: { KEY: 's3cr3t' },
    });
    expect(told('remote.add')).toMatchObject({
      draft: {
        type: 'cloud',
        name: 'Studio',
        host: 'comfy.example.com',
        port: 8443,
        secure: true,
        path: '/gpu/1',
        access: { kind: 'bearer', token: 's3cr3t' },
      },
    });
    await cli([...parts, '--basic-env', 'ada=-'], { input: 'pass word\n' });
    expect(told('remote.add')).toMatchObject({
      draft: { access: { kind: 'basic', user: 'ada', password: 'pass word' } },
    });
    await cli([...parts, '--cloudflare-env', 'ID=SECRET'], { environment: { ID: 'i.access', SECRET: 's' } });
    expect(told('remote.add')).toMatchObject({
      draft: { access: { kind: 'cloudflare', clientId: 'i.access', clientSecret: 's' } },
    });
    const { out } = await cli([...parts, '--header-env', 'X-A=ONE', '--header-env', 'X-B=-', '--json'], {
      environment: { ONE: 'hidden-1' },
      input: 'hidden-2',
    });
    expect(told('remote.add')).toMatchObject({
      draft: {
        access: {
          kind: 'headers',
          headers: [
            { name: 'X-A', value: 'hidden-1' },
            { name: 'X-B', value: 'hidden-2' },
          ],
        },
      },
    });
    expect(out).not.toContain('hidden');
  });

  it('adds one of this machine', async () => {
    const { code, out } = await cli([
      'add',
      '--type',
      'local',
      '--gpu',
      '1',
      '--args=--lowvram',
      '--port',
      '8200',
    ]);
    expect(code).toBe(0);
    expect(out).toContain('start it with: ensemble start worker-1');
    expect(told('worker.add')).toMatchObject({ draft: { device: '1', extraArgs: '--lowvram', port: 8200 } });
  });

  it('tests before it adds when asked to, and adds nothing that fails', async () => {
    expect((await cli(['add', 'gpu-box-2:8188', '--test'])).code).toBe(0);
    expect(told('remote.add')).toBeDefined();
    center.calls.length = 0;
    answerTest = async () => SELF_SIGNED;
    const { code, out, err } = await cli(['add', 'gpu-box-2:8188', '--test']);
    expect(code).toBe(1);
    expect(err).toBe('gpu-box-2 is not added. Without --test it is.');
    expect(out).toContain('✗ Reachable');
    expect(told('remote.add')).toBeUndefined();
  });

  it('prints the ladder rung by rung as it is climbed, each rung once, and what others say inert', async () => {
    answerTest = async ({ testId }) => {
      const first = {
        ...GREEN.rungs,
        comfyui: { status: 'checking' } as const,
        nodes: waiting,
        models: waiting,
        files: waiting,
      };
      center.emit('climb', { testId, readiness: { ...GREEN, done: false, rungs: first } });
      center.emit('climb', { testId: 'somebody else', readiness: SELF_SIGNED });
      return GREEN;
    };
    const { code, out } = await cli(['test', 'gpu-box']);
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      '✓ Reachable             Well.',
      '✓ ComfyUI               Well.',
      '✓ Node classes          Well.',
      '✓ Models                Well.',
      '✓ Files there and back  Well.',
      'ComfyUI 0.33.0, 3 ms, up / down 94 / 101 MB/s',
    ]);
    answerTest = async () => SELF_SIGNED;
    const broken = await cli(['test', 'http://10.0.0.7:8188']);
    expect(broken.code).toBe(1);
    expect(broken.out).toContain('Its certificate is ?[31mself-signed.');
    expect(broken.out).toContain('--trust AB:CD:01');
    expect(broken.out).toContain('– Models                Not tried');
    expect(JSON.parse((await cli(['test', 'gpu-box', '--json'])).out)).toMatchObject({ done: true });
  });

  it('tests with what is stored, and for a workflow', async () => {
    const file = path.join(data, 'workflow.json');
    await writeFile(file, '{"1":{}}');
    await cli(['test', 'W2'.toLowerCase(), '--workflow', file]);
    expect(told('remote.test')).toMatchObject({
      id: 'w2',
      workflow: '{"1":{}}',
      draft: { host: 'gpu-box.local', certificate: 'PEM', access: { kind: 'keep' }, path: '/comfy' },
    });
  });

  it('edits what is named, and nothing else', async () => {
    expect((await cli(['edit', 'gpu-box', '--name', 'Box', '--disable'])).out).toBe('Box is changed.');
    expect(told('remote.update')).toEqual({
      id: 'w2',
      draft: {
        type: 'remote',
        name: 'Box',
        host: 'gpu-box.local',
        port: 8188,
        secure: true,
        path: '/comfy',
        certificate: 'PEM',
        access: { kind: 'keep' },
      },
    });
    expect(told('instance.select')).toEqual({ id: 'w2', selected: false });
    await cli(['edit', 'w2', '--host', 'other.local', '--no-access']);
    expect(told('remote.update')).toMatchObject({
      draft: { host: 'other.local', path: '/comfy', certificate: null, access: { kind: 'none' } },
    });
    await cli(['edit', 'Worker 1', '--gpu', 'cpu', '--restart']);
    expect(told('worker.update')).toMatchObject({
      id: 'w1',
      restart: true,
      draft: { device: 'cpu', port: 8189 },
    });
    center.calls.length = 0;
    await cli(['edit', 'w2', '--enable']);
    expect(told('remote.update')).toBeUndefined();
    expect(told('instance.select')).toEqual({ id: 'w2', selected: true });
  });

  it('trusts the certificate with the fingerprint that was named, and no other one', async () => {
    answerTest = async () => SELF_SIGNED;
    expect((await cli(['add', 'https://gpu-box-2.local:8443', '--trust', 'sha256:abcd01'])).code).toBe(0);
    expect(told('remote.add')).toMatchObject({ draft: { certificate: 'PEM' } });
    center.calls.length = 0;
    const { code, err } = await cli(['add', 'https://gpu-box-2.local:8443', '--trust', 'AB:CD:02']);
    expect(code).toBe(1);
    expect(err).toContain('The server shows another certificate: SHA-256 AB:CD:01');
    expect(told('remote.add')).toBeUndefined();
    answerTest = async () => GREEN;
    expect((await cli(['edit', 'w2', '--trust', 'AB:CD:01'])).err).toContain('Leave out --trust.');
  });

  it('removes by name', async () => {
    const { code, out } = await cli(['remove', 'gpu-box']);
    expect({ code, out }).toEqual({ code: 0, out: 'gpu-box is removed.' });
    expect(told('worker.remove')).toEqual({ id: 'w2' });
  });

  it.each<[readonly string[], RegExp]>([
    [['lits'], /Did you mean “workers list”\?/],
    [['list', 'x'], /Use: ensemble workers list/],
    [['add'], /A worker elsewhere has one address/],
    [['add', 'a:1', '--host', 'b'], /A worker elsewhere has one address/],
    [['add', 'ftp://x'], /use http:\/\/ or https:\/\//],
    [['add', 'a:1', '--gpu', '1'], /--gpu is for a worker of this machine/],
    [['add', 'a:1', '--path', '../x'], /not a path/],
    [['add', '--type', 'local', '--host', 'x'], /--host is for a worker elsewhere/],
    [['add', '--type', 'local', 'x'], /takes no address/],
    [['add', '--type', 'lokal'], /local, remote or cloud/],
    [['add', 'a:1', '--port', '0'], /whole number from 1 to 65535/],
    [['add', 'a:1', '--https', '--no-https'], /do not go together/],
    [['add', 'a:1', '--bearer-env', 'not a name'], /not the secret itself/],
    [['add', 'a:1', '--bearer-env', 'NOT_SET'], /NOT_SET is empty or not set/],
    [['add', 'a:1', '--bearer-env', '-'], /Nothing came in/],
    [['add', 'a:1', '--basic-env', 'ada'], /takes USER=VARIABLE/],
    [['add', 'a:1', '--cloudflare-env=-=-'], /one secret/],
    [['add', 'a:1', '--bearer-env', 'A', '--no-access'], /opened in one way/],
    [['add', 'a:1', '--bearre-env', 'A'], /Did you mean --bearer-env\?/],
    [['add', 'a:1', '--restart'], /takes no option --restart/],
    [['edit', 'w2'], /Nothing is said of w2/],
    [['edit', 'w2', '--type', 'local'], /cannot become one of this machine/],
    [['edit', 'w1', '--type', 'cloud'], /cannot move elsewhere/],
    [['edit', 'w1', '--bearer-env', 'HOME'], /for a worker elsewhere/],
    [['test', 'w1'], /runs on this machine/],
    [['test', '127.1:8188'], /not a name or an address/],
    [['remove'], /Use: ensemble workers remove ID/],
    [['remove', 'a', 'b'], /name with spaces in quotes/],
  ])('refuses %j in words', async (argv, words) => {
    const { code, err } = await cli(argv);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(
      center.calls.filter(({ command }) => /^(remote|worker)\.(add|update|remove)/.test(command)),
    ).toEqual([]);
  });

  it('suggests the worker that was meant', async () => {
    const { code, err } = await cli(['test', 'gpu-bxo']);
    expect(code).toBe(1);
    expect(err).toContain('Did you mean “gpu-box”?');
  });

  it('has a help of its own', async () => {
    const { code, out } = await cli(['add', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: ensemble workers ACTION');
  });
});

describe('secrets at the command line', () => {
  it('are never repeated where one stands in place of a name', () => {
    const secret = fc
      .string({ minLength: 6 })
      .filter((text) => /[^A-Za-z0-9_=-]/.test(text) && !text.startsWith('-'));
    const options = fc.constantFrom('--bearer-env', '--basic-env', '--cloudflare-env', '--header-env');
    fc.assert(
      fc.property(options, secret, (option, text) => {
        let said = '';
        try {
          parseCommandLine(['workers', 'add', 'a:1', `${option}=${text}`]);
        } catch (error) {
          if (!(error instanceof EnsembleError)) throw error;
          said = `${error.message} ${error.hint}`;
        }
        expect(said).not.toContain(text);
      }),
    );
  });
});
