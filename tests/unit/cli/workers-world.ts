import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { runCli } from '../../../electron/cli/run.ts';
import type { ControlServer } from '../../../electron/transports/http-server.ts';
import type { CommandArgs, CommandHandlers } from '../../../shared/contract.ts';
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

/** A control center with one local worker and one elsewhere, and the command line beside it. */

const passed: RungState = { status: 'passed', detail: 'Well.' };
export const waiting: RungState = { status: 'waiting' };
const CERTIFICATE = { pem: 'PEM', fingerprint: 'AB:CD:01', subject: 'CN=gpu-box', validTo: 'Mar 31 2027' };
const failed: RungState = {
  status: 'failed',
  detail: 'Its certificate is \u001b[31mself-signed.',
  remedy: 'Compare it.',
  command: 'openssl x509',
  certificate: CERTIFICATE,
};
export const GREEN: Readiness = {
  at: 1,
  done: true,
  rungs: { reachable: passed, comfyui: passed, nodes: passed, models: passed, files: passed },
  measured: { ...NOTHING_MEASURED, latencyMs: 3, uploadRate: 94e6, downloadRate: 101e6, version: '0.33.0' },
};
export const SELF_SIGNED: Readiness = {
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
  agent: null,
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

export interface Around {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export class WorkersWorld {
  readonly center = new FakeCenter();
  /** How a ladder is climbed. */
  answerTest: CommandHandlers['remote.test'] = async (args) => {
    this.center.calls.push({ command: 'remote.test', args });
    return GREEN;
  };
  #server: ControlServer | null = null;

  private constructor(readonly data: string) {}

  static async open(): Promise<WorkersWorld> {
    const world = new WorkersWorld(await mkdtemp(path.join(tmpdir(), 'ensemble-cli-')));
    const snapshot = { ...SAMPLES['fleet.snapshot'].result, instances: INSTANCES };
    const handlers = {
      ...world.center.handlers,
      'fleet.snapshot': async () => snapshot,
      'remote.test': (args: CommandArgs<'remote.test'>) => world.answerTest(args),
    };
    world.#server = await serve(Object.assign(world.center, { handlers }));
    const control = { url: world.#server.url, token: TOKEN, pid: process.pid };
    await writeFile(path.join(world.data, 'control.json'), JSON.stringify(control));
    return world;
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await rm(this.data, { recursive: true, force: true });
  }

  /** `ensemble workers …` */
  async cli(argv: readonly string[], { input = '', environment = {} }: Around = {}) {
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
      environment: { ENSEMBLE_DATA: this.data, ...environment },
      directory: '/nowhere',
      version: () => '1.2.3',
      ask: null,
      input: () => Readable.from([Buffer.from(input)]),
      onInterrupt: () => () => undefined,
    });
    return { code, out: out.join('\n'), err: err.join('\n') };
  }

  /** Arguments of the latest call of a command. */
  told(command: string): unknown {
    return this.center.calls.findLast((call) => call.command === command)?.args;
  }
}
