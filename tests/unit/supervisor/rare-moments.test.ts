import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { localSystem } from '../../../electron/core/supervisor/child-process.ts';
import { endTree } from '../../../electron/core/supervisor/end-tree.ts';
import { HEALTH_TIMING } from '../../../electron/core/supervisor/health-watch.ts';
import type { ProcessTable } from '../../../electron/core/supervisor/process-table.ts';
import { RESTART_TIMING } from '../../../electron/core/supervisor/restart-policy.ts';
import { endProcessTree, findSurvivors } from '../../../electron/core/supervisor/survivors.ts';
import { canTransition, pidOf } from '../../../shared/lifecycle.ts';
import {
  type Bench,
  type BenchOptions,
  bench,
  eventually,
  FAKE_CHILD,
  fileLog,
  isAlivePid,
} from './harness.ts';

const open: Bench[] = [];
const strays: number[] = [];
async function make(behaviour: string, options?: BenchOptions): Promise<Bench> {
  const made = await bench(behaviour, options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const pid of strays.splice(0)) if (isAlivePid(pid)) process.kill(pid, 'SIGKILL');
  for (const made of open.splice(0)) {
    await made.close();
    made.states.slice(1).forEach((state, index) => {
      const from = made.states[index]?.status ?? 'stopped';
      expect(from === state.status || canTransition(from, state.status), `${from} → ${state.status}`).toBe(
        true,
      );
    });
  }
});

function pid(made: Bench): number {
  const value = pidOf(made.process.state);
  if (value === null) throw new Error(`no pid in ${made.process.state.status}`);
  return value;
}

const unreadable: ProcessTable = {
  list: () => Promise.reject(new Error('EMFILE')),
  find: () => Promise.reject(new Error('EMFILE')),
};
const noSpace = (): never => {
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
};
const slowRestart = { ...RESTART_TIMING, baseMs: 600_000, mostMs: 600_000 };

describe.skipIf(process.platform === 'win32')(
  'a managed process in a rare moment',
  { timeout: 60_000 },
  () => {
    it('adopts a server that is still booting, and that one becomes ready', async () => {
      const made = await make('slow', { argument: '2500' });
      await made.process.start();
      await eventually('registered', () => made.registry.records.size === 1);
      made.process.release();
      const [survivor] = await findSurvivors(made.registry);
      if (survivor === undefined) throw new Error('nobody survived');
      const next = made.create();
      expect(await next.adopt(survivor.record)).toBe(true);
      expect(next.state).toMatchObject({ status: 'starting', pid: survivor.record.pid });
      await eventually('it is ready', () => next.state.status === 'ready');
      expect(next.state).toMatchObject({ pid: survivor.record.pid, bootMs: null });
      await next.stop();
      expect(isAlivePid(survivor.record.pid)).toBe(false);
    });

    it('spawns nothing when it is let go while it starts', async () => {
      let proceed = (): void => undefined;
      const gate = new Promise<'free'>((resolve) => {
        proceed = () => resolve('free');
      });
      const made = await make('serve', { checkPort: () => gate });
      const starting = made.process.start();
      made.process.release();
      proceed();
      await starting;
      expect(made.log()).not.toContain('Starting');
      expect(made.states.at(-1)?.status).toBe('stopped');
    });

    it('registers what was spawned in the moment it was let go', async () => {
      const release: (() => void)[] = [];
      const made = await make('serve', {
        deps: {
          system: {
            ...localSystem,
            spawn: (plan, log) => {
              const child = localSystem.spawn(plan, log);
              for (const call of release) call();
              return child;
            },
          },
        },
      });
      release.push(() => made.process.release());
      await made.process.start();
      await eventually('registered', () => made.registry.records.size === 1);
      for (const { pid: stray } of made.registry.records.values()) {
        strays.push(stray);
        expect(isAlivePid(stray)).toBe(true);
      }
    });

    it('says that the disk is full when its log cannot be opened or written, and can be started later', async () => {
      for (const part of ['openForChild', 'note'] as const) {
        let full = true;
        const made = await make('serve', {});
        const log = fileLog(path.join(made.directory, 'comfyui.log'));
        const broken = await make('serve', {
          deps: { log: { ...log, [part]: (text: string) => (full ? noSpace() : log[part](text)) } },
        });
        await expect(broken.process.start()).rejects.toMatchObject({
          code: 'disk-full',
          hint: expect.any(String),
        });
        expect(broken.process.state).toMatchObject({ status: 'failed', failure: { cause: 'disk-full' } });
        full = false;
        await broken.process.start();
        await broken.until('ready');
        await broken.process.stop();
      }
    });

    it('supervises on when the list of running servers cannot be written', async () => {
      const made = await make('serve');
      made.registry.set = noSpace;
      await made.process.start();
      await made.until('ready');
      await eventually('it is told', () => made.log().includes('ENOSPC'));
      const child = pid(made);
      await made.process.stop();
      expect(isAlivePid(child)).toBe(false);
    });

    it('ends its own child when the process table cannot be read', async () => {
      for (const behaviour of ['serve', 'stubborn']) {
        const made = await make(behaviour, { deps: { system: { ...localSystem, table: unreadable } } });
        await made.process.start();
        await made.until('ready');
        const child = pid(made);
        await made.process.stop();
        expect(isAlivePid(child)).toBe(false);
        expect(made.process.state.status).toBe('stopped');
      }
    });

    it('signals nobody when an adopted process cannot be confirmed any more, says so, and ends it later', async () => {
      const made = await make('serve', { policy: { stop: { interrupt: 100, terminate: 100, kill: 100 } } });
      await made.process.start();
      await made.until('ready');
      await eventually('registered', () => made.registry.records.size === 1);
      const child = pid(made);
      strays.push(child);
      made.process.release();
      const [record] = made.registry.records.values();
      if (record === undefined) throw new Error('no record');
      let readable = true;
      const sent: number[] = [];
      const table: ProcessTable = {
        list: () => (readable ? localSystem.table : unreadable).list(),
        find: (wanted) => (readable ? localSystem.table : unreadable).find(wanted),
      };
      const send = (target: number, name: NodeJS.Signals): void => {
        sent.push(target);
        localSystem.send(target, name);
      };
      const next = made.create({ system: { ...localSystem, table, send } });
      expect(await next.adopt(record)).toBe(true);
      readable = false;
      await next.stop();
      expect(sent).toEqual([]);
      expect(isAlivePid(child)).toBe(true);
      expect(next.state).toMatchObject({
        status: 'failed',
        failure: { summary: expect.stringContaining('cannot be read') },
      });
      await expect(next.start()).rejects.toMatchObject({ code: 'conflict' });
      readable = true;
      await next.stop();
      expect(isAlivePid(child)).toBe(false);
    });

    it('forgets no record and ends nothing while the table cannot be read, and nothing whose pid was used again', async () => {
      const made = await make('serve');
      await made.process.start();
      await made.until('ready');
      await eventually('registered', () => made.registry.records.size === 1);
      const [record] = made.registry.records.values();
      if (record === undefined) throw new Error('no record');
      const ticking = {
        now: () => Date.now() * 50,
        after: (_ms: number, call: () => void) => {
          const timer = setTimeout(call, 1);
          return () => clearTimeout(timer);
        },
      };
      const limits = { interrupt: 1, terminate: 1, kill: 1 };
      expect(await endTree(record, { table: unreadable, limits })).toBe(false);
      expect(await findSurvivors(made.registry, unreadable)).toEqual([]);
      expect(await endProcessTree(record, { table: unreadable, clock: ticking })).toBe(false);
      expect(made.registry.records.size).toBe(1);
      for (const other of [{ startTime: 'used again' }, { command: 'another program' }]) {
        expect(await endProcessTree({ ...record, ...other })).toBe(true);
        made.registry.set('worker-1', { ...record, ...other });
        expect(await findSurvivors(made.registry)).toEqual([]);
        expect(made.registry.records.size).toBe(0);
      }
      expect(isAlivePid(record.pid)).toBe(true);
    });

    it('shows boot steps that only grow, whatever order the lines come in', async () => {
      const listeners = new Set<(lines: readonly { readonly text: string }[]) => void>();
      const made = await make('never', {
        deps: {
          log: {
            file: '/dev/null',
            openForChild: () => fileLog('/dev/null').openForChild(),
            note: () => undefined,
            onLines: (listener) => {
              listeners.add(listener);
              return () => listeners.delete(listener);
            },
          },
        },
      });
      await made.process.start();
      const lines = [
        'ComfyUI version: 0.3.64',
        'Total VRAM 24106 MB',
        'noise',
        'Starting server',
        'Device: cuda:0',
      ];
      for (const text of lines) for (const tell of listeners) tell([{ text }]);
      const fractions = made.states.flatMap((state) =>
        state.status === 'starting' ? [state.step.fraction] : [],
      );
      expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
      expect(fractions.at(-1)).toBe(0.95);
      await made.process.stop();
      expect(listeners.size).toBe(0);
    });

    it('does not take a re-exec for a crash: same pid, its port away and back', async () => {
      const made = await make('serve', {
        policy: {
          health: {
            ...HEALTH_TIMING,
            startPollMs: 50,
            watchMs: 100,
            retryMs: 100,
            probeMs: 400,
            failures: 2,
            hangMs: 300,
          },
        },
        plan: { file: '/bin/sh', args: [] },
      });
      const script = path.join(made.directory, 'reboot.sh');
      const serve = `"${process.execPath}" "${FAKE_CHILD}" serve ${made.port}`;
      writeFileSync(
        script,
        `if [ "$1" = again ]; then sleep 2; exec ${serve}; fi\n${serve} &\nsleep 2; kill $!; wait; exec sh "$0" again\n`,
      );
      chmodSync(script, 0o755);
      made.argv.push(script);
      await made.process.start();
      await made.until('ready');
      const child = pid(made);
      await made.until('unresponsive');
      await made.until('ready');
      expect(pid(made)).toBe(child);
      expect(made.states.some(({ status }) => status === 'backing-off' || status === 'failed')).toBe(false);
      await eventually('its new command is registered', () =>
        [...made.registry.records.values()].some(({ command }) => command.includes('fake-child')),
      );
    });

    it('is not disturbed by a flood of garbage while it boots', async () => {
      const made = await make('flood');
      await made.process.start();
      await made.until('ready');
    });

    it('restarts at once, with all its tries, when asked to while it waits', async () => {
      const made = await make('serve', { policy: { restart: slowRestart } });
      await made.process.start();
      await made.until('ready');
      process.kill(pid(made), 'SIGKILL');
      await made.until('backing-off');
      await made.process.restart();
      expect(await made.until('ready')).toBeDefined();
      expect(made.states.filter((state) => state.status === 'starting').at(-1)).toMatchObject({ attempt: 1 });
    });

    it('never spawns when it is stopped before the spawn', async () => {
      const slow = await make('serve');
      const starting = slow.process.start();
      await eventually('it has begun', () => slow.process.state.status === 'starting', 5_000);
      const stopping = slow.process.stop();
      await Promise.all([starting, stopping]);
      expect(slow.process.state.status).toBe('stopped');
      const gated = slow.process.start();
      await Promise.all([slow.process.stop(), gated]);
      expect(slow.process.state.status).toBe('stopped');
    });

    it('opens its breaker after the last try, and a start by hand closes it', async () => {
      const made = await make('clean-early', {
        policy: { restart: { ...RESTART_TIMING, baseMs: 1, mostStarts: 2 } },
      });
      for (let round = 0; round < 2; round += 1) {
        const before = made.states.length;
        await made.process.start();
        await eventually('the breaker is open', () => made.process.state.status === 'failed');
        expect(made.process.state).toMatchObject({ restarts: 2 });
        const begun = made.states
          .slice(before)
          .flatMap((state) => (state.status === 'starting' ? [state.attempt] : []));
        expect([...new Set(begun)]).toEqual([1, 2, 3]);
      }
    });
  },
);
