import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, call, list, until } from '../conformance/client.ts';
import { type RunningServer, serverKinds, startServer } from '../conformance/servers.ts';
import { plain } from '../conformance/workflows.ts';
import { bodyOf } from '../support/gateway-fuzz/bodies.ts';
import { methodOf, pathOf } from '../support/gateway-fuzz/paths.ts';
import { rawExchange, sendRaw } from '../support/gateway-fuzz/raw.ts';
import { Seeded } from '../support/gateway-fuzz/seeded.ts';
import { GatewayWorld } from '../support/gateway-world.ts';

/** Another one with FUZZ_SEED; what fails says which request it was. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 5);
const WARM_UP = 2_000;
const REQUESTS = 16_500;
const RAW = 2_500;
const AT_ONCE = 24;
/** For one answer, on a machine that does much else. */
const ANSWER_MS = 20_000;
/** What the gateway lets half a request wait for the rest of it, and the rounds in which it looks. */
const HALF_MS = 75_000;
const MOST_GROWTH_BYTES = 16 * 1_048_576;

/** Its bytes lie where no address may lead. */
const CANARY = `canary-${randomUUID()}`;
/** Nothing of ours tells where its files are. */
const OUR_PATHS = /electron\/core\/|node_modules\//;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

describe(`a gateway that is asked nonsense (seed ${SEED})`, () => {
  let servers: RunningServer[] = [];
  let world: GatewayWorld;
  let pool: Pool;
  let targets: readonly string[] = [];
  const chance = new Seeded(SEED);

  beforeAll(async () => {
    const [kind] = serverKinds().filter(({ label }) => label === 'simulated 0.33.0');
    if (kind === undefined) throw new Error('no simulator');
    servers = await Promise.all([startServer(kind), startServer(kind)]);
    const members = servers.map(({ url }, index) => ({ id: index === 0 ? 'master' : 'worker-1', url }));
    const [master] = servers;
    if (master === undefined) throw new Error('no master');
    world = await GatewayWorld.open(members, { home: master.directories });
    targets = await plantCanaries([world.directory, path.dirname(master.directories.output)]);
    pool = new Pool(world.url, { connections: AT_ONCE, headersTimeout: ANSWER_MS, bodyTimeout: ANSWER_MS });
  });
  afterAll(async () => {
    await pool?.destroy();
    await world?.close();
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('answers or ends each, gives out nothing that is not its own, keeps nothing, and goes on', {
    timeout: 240_000,
  }, async () => {
    const halves = halfRequests(world.port).catch((error: unknown) => error);
    await storm(WARM_UP, one);
    await settled();
    const before = heap();
    await storm(REQUESTS, one);
    await storm(RAW, raw);
    await settled();
    const growth = heap() - before;
    process.stdout.write(`fuzz: ${(growth / 2 ** 20).toFixed(1)} MiB more than after the warm-up\n`);
    expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
    expect(await halves).toBeUndefined();
    // Nor has an upload come out of the folders.
    for (const target of targets) {
      expect(readdirSync(path.dirname(target)).filter((name) => name.startsWith('fuzz'))).toEqual([]);
    }
    const { json } = await call(`${world.url}/prompt`, { json: { prompt: plain() } });
    const id = String(at(json, 'prompt_id'));
    const entry = await until('its history', async () =>
      at((await call(`${world.url}/history/${id}`)).json, id),
    );
    expect(at(entry, 'status', 'status_str')).toBe('success');
  });

  async function one(): Promise<void> {
    const method = methodOf(chance);
    const asked = pathOf(chance, targets).replaceAll(/[^\x21-\x7e\x80-\xff]/g, '');
    const body = method === 'GET' || method === 'HEAD' ? null : bodyOf(chance);
    const what = `${method} ${asked.slice(0, 400)} ${body?.bytes.toString('latin1').slice(0, 400) ?? ''}`;
    const headers = body === null || body.type === '' ? {} : { 'content-type': body.type };
    try {
      const reply = await pool.request({ method, path: asked, headers, body: body?.bytes ?? null });
      check(Buffer.from(await reply.body.arrayBuffer()), what);
      expect(reply.statusCode, what).toBeLessThan(600);
    } catch (error) {
      // The library refuses a few addresses itself, and a connection may be ended instead of an answer.
      if (!isEnded(error)) throw new Error(`${what}: ${String(error)}`);
    }
  }

  async function raw(): Promise<void> {
    const asked = pathOf(chance, targets).replaceAll(/[\r\n]/g, '');
    const pieces = rawExchange(chance, world.port, asked);
    const what = Buffer.concat(pieces).toString('latin1').slice(0, 800);
    check(await sendRaw(world.port, pieces, ANSWER_MS), what);
  }

  function check(bytes: Buffer, what: string): void {
    if (bytes.includes(CANARY)) throw new Error(`gave out what is not its own: ${what}`);
    const text = bytes.length < 100_000 ? bytes.toString('latin1') : '';
    if (OUR_PATHS.test(text)) throw new Error(`tells of its own files: ${what}\n${text.slice(0, 500)}`);
  }

  /** Nothing runs and nothing is remembered. */
  async function settled(): Promise<void> {
    await until('an empty queue', async () => {
      await call(`${world.url}/queue`, { json: { clear: true } });
      const queue = (await call(`${world.url}/queue`)).json;
      for (const row of list(at(queue, 'queue_running'))) {
        await call(`${world.url}/interrupt`, { json: { prompt_id: at(row, 1) } });
      }
      return list(at(queue, 'queue_running')).length + list(at(queue, 'queue_pending')).length === 0;
    });
    await call(`${world.url}/history`, { json: { clear: true } });
  }
});

async function storm(count: number, work: () => Promise<void>): Promise<void> {
  let left = count;
  const runner = async (): Promise<void> => {
    for (; left > 0; ) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
}

/** Heads and bodies that never come to their end. */
async function halfRequests(port: number): Promise<void> {
  const host = `Host: 127.0.0.1:${port}`;
  const halves = [
    'GET /que',
    `GET /queue HTTP/1.1\r\n${host}\r\nX: `,
    `POST /prompt HTTP/1.1\r\n${host}\r\nContent-Length: 100\r\n\r\n{"prompt":`,
    `POST /prompt HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"pr`,
    `POST /upload/image HTTP/1.1\r\n${host}\r\nContent-Length: 1000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n`,
    `POST /settings HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ];
  await Promise.all(halves.map((half) => sendRaw(port, [Buffer.from(half)], HALF_MS, true)));
}

function heap(): number {
  collectGarbage();
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function isEnded(error: unknown): boolean {
  const code = String(at(error, 'code'));
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_INVALID_ARG'].includes(code);
}

/** @returns their places */
async function plantCanaries(folders: readonly string[]): Promise<readonly string[]> {
  return Promise.all(
    folders.map(async (folder) => {
      await mkdir(folder, { recursive: true });
      const file = path.join(folder, 'canary.txt');
      await writeFile(file, CANARY);
      return file;
    }),
  );
}
