import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { InstanceLog } from '../../../electron/core/logs/instance-log.ts';
import { Notices } from '../../../electron/core/notices.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { runCommand } from '../../../electron/core/programs/run-command.ts';
import { findProcess } from '../../../electron/core/supervisor/process-table.ts';
import { ProcessRegistry } from '../../../electron/core/supervisor/registry.ts';
import { freePort } from '../../../electron/core/tunnel/create-tunnel.ts';
import { ProgramFinder } from '../../../electron/core/tunnel/find-program.ts';
import { ProgramKeeper } from '../../../electron/core/tunnel/program.ts';
import { Tunnel } from '../../../electron/core/tunnel/tunnel.ts';
import type { TunnelState } from '../../../shared/tunnel.ts';
import { installStandIn, type Script } from '../../support/cloudflared/install.ts';

const URL_OF_STAND_IN = 'https://calm-river-otter-song.trycloudflare.com';
const QUICK = { kind: 'quick' } as const;
const open = new Set<() => Promise<void>>();

afterEach(async () => {
  for (const close of open) await close();
  open.clear();
});

async function world(script: Script = {}, patienceMs = 20_000) {
  const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-tunnel-'));
  const directory = path.join(folder, 'tunnel');
  const standIn = installStandIn(path.join(folder, 'bin'), script);
  const registry = await ProcessRegistry.open(path.join(directory, 'processes.json'));
  const notices = new Notices(systemClock);
  const log = new InstanceLog({
    ...{ file: path.join(directory, 'cloudflared.log'), clock: systemClock, logger: silentLogger },
  });
  const kept = new Map<string, Readonly<Record<string, string>>>();
  const settings = { tunnelHost: null as string | null, tunnelAtStart: 'off' as const };
  const guards = { made: 0, released: 0 };
  let target: string | null = 'http://127.0.0.1:8200';
  const tunnel = new Tunnel({
    ...{ directory, log, registry, notices, clock: systemClock, logger: silentLogger, random: () => 0.01 },
    ...{ environment: { PATH: process.env['PATH'] }, platform: process.platform, metricsPort: freePort },
    program: new ProgramKeeper({
      finder: new ProgramFinder({
        ...{
          configured: () => standIn.program,
          environment: {},
          platform: process.platform,
          run: runCommand,
        },
        ...{ downloaded: '/nowhere', checksum: async () => null },
      }),
      download: async () => Promise.reject(new Error('not here')),
      clock: systemClock,
    }),
    secrets: {
      read: (key) => kept.get(key) ?? {},
      write: async (key, values) => void kept.set(key, values),
    },
    target: () => target,
    settings: () => settings,
    saveHost: async (host) => {
      settings.tunnelHost = host;
    },
    guard: () => {
      guards.made += 1;
      return { release: () => (guards.released += 1) };
    },
    timing: {
      ...{ eagerMs: 20, calmMs: 50, patienceMs },
      restart: { baseMs: 200, mostMs: 1_000, stableMs: 60_000, mostRestarts: 3, mostStarts: 2 },
    },
  });
  const states: TunnelState[] = [];
  let wake = (): void => {};
  tunnel.onChange(() => {
    if (states.at(-1)?.status !== tunnel.state.status) states.push(tunnel.state);
    wake();
  });
  let reached = -1;
  /** Resolves with the first such state after the one that was reached last, however short it was. */
  const reaches = async <S extends TunnelState['status']>(status: S) => {
    for (;;) {
      const index = states.findIndex((state, at) => at > reached && state.status === status);
      if (index >= 0) {
        reached = index;
        return states[index] as Extract<TunnelState, { status: S }>;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  await tunnel.open();
  open.add(async () => {
    await tunnel.close();
    await rm(folder, { recursive: true, force: true });
  });
  return {
    ...{ tunnel, standIn, registry, notices, log, kept, settings, guards, states, reaches, directory },
    moveTo: (url: string | null) => {
      target = url;
      tunnel.followTarget();
    },
    names: () => states.map(({ status }) => status),
  };
}

describe('a quick tunnel', { timeout: 30_000 }, () => {
  it('comes up under the name that its metrics tell, and goes with everything it left', async () => {
    const { tunnel, reaches, names, registry, guards, standIn, directory, notices } = await world();
    await tunnel.start(QUICK);
    expect(await reaches('up')).toMatchObject({ url: URL_OF_STAND_IN, connections: 1, kind: 'quick' });
    expect(tunnel.url).toBe(URL_OF_STAND_IN);
    expect([...registry.records.keys()]).toEqual(['tunnel']);
    const [life] = standIn.lives;
    expect(life?.argv.slice(-2)).toEqual(['--url', 'http://127.0.0.1:8200']);
    expect(life?.variables).toEqual([]);
    expect(notices.list[0]?.detail).toContain(URL_OF_STAND_IN);
    await tunnel.stop();
    expect(tunnel.url).toBeNull();
    expect(await findProcess(life?.pid ?? 0)).toBeNull();
    expect([...registry.records.keys()]).toEqual([]);
    expect(guards).toEqual({ made: 1, released: 1 });
    await vi.waitFor(() => expect(names()).toEqual(['starting', 'up', 'stopping', 'off']));
    expect(await readFile(path.join(directory, 'cloudflared.log'), 'utf8')).toContain(
      'Registered tunnel connection',
    );
  });

  it('is known by its output where the program is too old to tell', async () => {
    const { tunnel, reaches } = await world({ lives: [{ olderMetrics: true }] });
    await tunnel.start(QUICK);
    expect((await reaches('up')).url).toBe(URL_OF_STAND_IN);
  });

  it('is no sooner public than it is connected', async () => {
    const { tunnel, reaches } = await world({ lives: [{ startMs: 150, connectMs: 300 }] });
    const started = Date.now();
    await tunnel.start(QUICK);
    expect(tunnel.url).toBeNull();
    await reaches('up');
    expect(Date.now() - started).toBeGreaterThanOrEqual(440);
  });

  it('comes back by itself after it died, under its next name', async () => {
    const { tunnel, reaches, states, standIn, guards } = await world({
      lives: [{ end: { afterMs: 200 } }, {}],
    });
    await tunnel.start(QUICK);
    await reaches('up');
    const waiting = await reaches('backing-off');
    expect(waiting.reason).toContain('the connection was taken away');
    expect(waiting.attempt).toBe(2);
    expect(tunnel.url).toBeNull();
    await reaches('up');
    expect(standIn.lives).toHaveLength(2);
    expect(states.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(guards.made).toBe(1);
  });

  it.each([
    ['at-once', 3, /cloudflared ended \(exit code 3\)/],
    ['garbage', 3, /cloudflared ended \(exit code 1\)/],
    ['unreachable', 3, /service for quick tunnels could not be reached/],
    ['not-json', 3, /an answer that is none/],
    ['old', 1, /too old/],
  ] as const)(
    'that ends again and again (%s) is given up after %i lives, with the reason',
    async (fail, lives, reason) => {
      const { tunnel, reaches, standIn, notices, guards } = await world({ lives: [{ fail }] });
      await tunnel.start(QUICK);
      expect((await reaches('failed')).reason).toMatch(reason);
      expect(standIn.lives).toHaveLength(lives);
      expect(tunnel.url).toBeNull();
      expect(notices.list[0]).toMatchObject({ level: 'error', title: 'The tunnel is closed' });
      expect(guards).toEqual({ made: 1, released: 1 });
      standIn.rewrite({});
      await tunnel.start(QUICK);
      await reaches('up');
    },
  );

  it('waits long where Cloudflare asks for patience, and a stop ends the waiting', async () => {
    const { tunnel, reaches, standIn } = await world({ lives: [{ fail: 'rate-limited' }] });
    await tunnel.start(QUICK);
    const { reason, until, since } = await reaches('backing-off');
    expect(reason).toContain('no more quick tunnels for the moment');
    expect(until - since).toBeGreaterThanOrEqual(30_000);
    await tunnel.stop();
    expect((await tunnel.status()).state).toEqual({ status: 'off' });
    expect(standIn.lives).toHaveLength(1);
  });

  it('that loses its connections says so, and is up again when they are', async () => {
    const { tunnel, reaches, names, standIn } = await world({
      lives: [{ lose: { afterMs: 200, forMs: 400 } }],
    });
    await tunnel.start(QUICK);
    await reaches('up');
    expect((await reaches('reconnecting')).url).toBe(URL_OF_STAND_IN);
    await reaches('up');
    expect(names()).toEqual(['starting', 'up', 'reconnecting', 'up']);
    expect(standIn.lives).toHaveLength(1);
  });

  it('that finds no connection is begun anew, and says what its output says', async () => {
    const { tunnel, reaches, standIn } = await world({ lives: [{ never: true }, {}] }, 3_000);
    await tunnel.start(QUICK);
    expect((await reaches('backing-off')).reason).toBe('Cloudflare could not be connected to.');
    await reaches('up');
    expect(standIn.lives).toHaveLength(2);
  });

  it('is ended though it does not listen', async () => {
    const { tunnel, reaches, standIn } = await world({ lives: [{ deaf: true }] });
    await tunnel.start(QUICK);
    await reaches('up');
    await tunnel.stop();
    expect(await findProcess(standIn.lives[0]?.pid ?? 0)).toBeNull();
  });

  it('follows the ComfyUI address to another port', async () => {
    const { tunnel, reaches, standIn, moveTo } = await world();
    await tunnel.start(QUICK);
    await reaches('up');
    moveTo(null);
    moveTo('http://127.0.0.1:8200');
    expect((await tunnel.status()).state.status).toBe('up');
    moveTo('http://127.0.0.1:8300');
    await reaches('backing-off');
    await reaches('up');
    expect(standIn.lives.map(({ argv }) => argv.at(-1))).toEqual([
      ...['http://127.0.0.1:8200', 'http://127.0.0.1:8300'],
    ]);
  });

  it('is one: a second is refused, and stops and starts that cross end in order', async () => {
    const { tunnel, standIn, registry } = await world();
    const starting = tunnel.start(QUICK);
    await expect(tunnel.start(QUICK)).rejects.toMatchObject({ code: 'conflict' });
    await Promise.all([tunnel.stop(), tunnel.stop(), starting]);
    expect((await tunnel.status()).state).toEqual({ status: 'off' });
    for (const { pid } of standIn.lives) expect(await findProcess(pid)).toBeNull();
    expect(registry.records.size).toBe(0);
  });

  it('waits until what was left over is gone, and is none any more once all of it closes', async () => {
    const { tunnel, standIn, reaches } = await world();
    const opening = tunnel.open();
    await tunnel.start(QUICK);
    await opening;
    await reaches('up');
    expect(await findProcess(standIn.lives[0]?.pid ?? 0)).not.toBeNull();
    await tunnel.close();
    await expect(tunnel.start(QUICK)).rejects.toThrow('The control center is closing.');
    expect(standIn.lives).toHaveLength(1);
  });

  it('needs something to lead to', async () => {
    const { tunnel, moveTo } = await world();
    moveTo(null);
    await expect(tunnel.start(QUICK)).rejects.toMatchObject({ code: 'not-ready' });
  });
});

describe('a named tunnel', { timeout: 30_000 }, () => {
  const HOST = 'comfy.example.com';
  const named = (token: string | null) => ({ kind: 'named', host: 'Comfy.Example.com', token }) as const;
  const script = { host: HOST, service: 'http://127.0.0.1:8200' };

  it('gets its token by the environment alone, and keeps it', async () => {
    const { tunnel, reaches, standIn, kept, settings, log } = await world(script);
    await tunnel.start(named(' eyJhIjoic2VjcmV0In0= \n'));
    expect(await reaches('up')).toMatchObject({ url: `https://${HOST}`, connections: 4 });
    const [life] = standIn.lives;
    expect(life?.token).toBe('eyJhIjoic2VjcmV0In0=');
    expect(life?.argv.join(' ')).not.toContain('eyJh');
    expect(life?.variables).toEqual(['TUNNEL_TOKEN']);
    expect(log.last(100).join('\n')).not.toContain('eyJh');
    expect(settings.tunnelHost).toBe(HOST);
    expect((await tunnel.status()).hasToken).toBe(true);
    await tunnel.stop();
    await tunnel.start(named(null));
    await reaches('up');
    expect(standIn.lives.at(-1)?.token).toBe(kept.get('tunnel')?.['token']);
  });

  it.each([
    ['bad-token', /is no tunnel token/],
    ['unauthorized', /does not accept the token/],
  ] as const)('is not tried again with a token that is refused (%s)', async (fail, reason) => {
    const { tunnel, reaches, standIn } = await world({ ...script, lives: [{ fail }] });
    await tunnel.start(named('x'));
    expect((await reaches('failed')).reason).toMatch(reason);
    expect(standIn.lives).toHaveLength(1);
  });

  it('is refused without a token', async () => {
    const { tunnel } = await world(script);
    await expect(tunnel.start(named(null))).rejects.toMatchObject({ code: 'bad-argument' });
  });
});
