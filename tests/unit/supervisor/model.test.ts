import { openSync } from 'node:fs';
import { devNull } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, silentLogger } from '../../../electron/core/ports.ts';
import type { Exit, ProcessSystem } from '../../../electron/core/supervisor/child-process.ts';
import type { LaunchPlan } from '../../../electron/core/supervisor/launch-plan.ts';
import { ManagedProcess } from '../../../electron/core/supervisor/managed-process.ts';
import type { ProcessRow } from '../../../electron/core/supervisor/process-table.ts';
import type { ProcessRecord, ProcessRegistry } from '../../../electron/core/supervisor/registry.ts';
import { canTransition, isAlive, pidOf } from '../../../shared/lifecycle.ts';

/** A machine without a machine: its time, its processes and what they answer are the test's. */
class World implements Clock {
  #now = 1_000;
  #timers = new Map<number, { readonly at: number; readonly call: () => void }>();
  #next = 1;
  readonly children = new Map<number, { readonly row: ProcessRow; readonly exit: (exit: Exit) => void }>();
  answers = false;
  most = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const id = this.#next++;
    this.#timers.set(id, { at: this.#now + ms, call });
    return () => this.#timers.delete(id);
  }

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) break;
      const [id, { at, call }] = due;
      this.#timers.delete(id);
      this.#now = Math.max(this.#now, at);
      call();
    }
    this.#now = end;
  }

  born(): { readonly pid: number; readonly row: ProcessRow; readonly exited: Promise<Exit> } {
    const pid = 1_000_000 + this.#next++;
    const row = { pid, parent: 1, group: pid, startTime: `t${pid}`, command: 'server' };
    const exited = new Promise<Exit>((exit) => this.children.set(pid, { row, exit }));
    this.most = Math.max(this.most, this.children.size);
    return { pid, row, exited };
  }

  dies(pid: number, exit: Exit): void {
    const child = this.children.get(pid);
    this.children.delete(pid);
    child?.exit(exit);
  }

  readonly system: ProcessSystem = {
    table: {
      list: async () => [...this.children.values()].map(({ row }) => row),
      find: async (pid) => this.children.get(pid)?.row ?? null,
    },
    send: (target, name) => {
      if (name !== 'SIGCONT') this.dies(Math.abs(target), { code: null, signal: name });
    },
    spawn: async () => {
      const { pid, row, exited } = this.born();
      return {
        pid,
        identity: async () => row,
        exited,
        own: {
          hasExited: () => !this.children.has(pid),
          signal: (name) => this.dies(pid, { code: null, signal: name }),
        },
        logOffset: 0,
        letGo: () => undefined,
      };
    },
  };
}

/** Lets everything happen that needs no time of the fake clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const plan: LaunchPlan = {
  file: 'server',
  args: [],
  cwd: '/',
  environment: {},
  ownEnvironment: {},
  directories: [],
  outputDirectory: '/',
  problems: [],
};

function create(world: World): ManagedProcess {
  const registry = { set: () => undefined, delete: () => undefined, setStopOnExit: () => undefined };
  return new ManagedProcess({
    id: 'worker-1',
    plan: async () => plan,
    log: {
      file: devNull,
      openForChild: () => openSync(devNull, 'a'),
      onLines: () => () => undefined,
      note: () => undefined,
    },
    registry: registry as unknown as ProcessRegistry,
    clock: world,
    random: () => 0.5,
    logger: silentLogger,
    probe: async () => {
      if (!world.answers) throw new Error('no answer');
    },
    checkPort: async () => 'free' as const,
    port: () => 8188,
    policy: () => ({ restartCrashed: true, readyTimeoutMs: 20_000, stopOnExit: true }),
    memory: () => null,
    system: world.system,
  });
}

const step = fc.oneof(
  fc
    .constantFrom('start', 'stop', 'restart', 'adopt', 'answer', 'silence', 'settle')
    .map((kind) => ({ kind, value: 0 })),
  fc.record({ kind: fc.constant('exit'), value: fc.integer({ min: 0, max: 1 }) }),
  fc.record({ kind: fc.constant('kill'), value: fc.constant(0) }),
  fc.record({ kind: fc.constant('time'), value: fc.constantFrom(10, 600, 6_000, 70_000, 300_000) }),
);

async function take(world: World, managed: ManagedProcess, kind: string, value: number): Promise<void> {
  const child = pidOf(managed.state);
  if (kind === 'start') void managed.start().catch(() => undefined);
  if (kind === 'stop') void managed.stop();
  if (kind === 'restart') void managed.restart().catch(() => undefined);
  // A survivor was there before anything was started.
  if (kind === 'adopt') await settle();
  if (kind === 'adopt' && world.children.size === 0 && !isAlive(managed.state)) {
    const { row } = world.born();
    const record: ProcessRecord = { ...row, port: 8188, url: '', logFile: '', device: null, generation: 1 };
    const adopting = managed.adopt(record);
    await world.advance(6_000);
    if (!(await adopting)) world.dies(row.pid, { code: 0, signal: null });
  }
  if (kind === 'answer') world.answers = true;
  if (kind === 'silence') world.answers = false;
  if (kind === 'settle') await settle();
  if (kind === 'exit' && child !== null) world.dies(child, { code: value, signal: null });
  if (kind === 'kill' && child !== null) world.dies(child, { code: null, signal: 'SIGKILL' });
  if (kind === 'time') await world.advance(value);
}

describe.skipIf(process.platform === 'win32')(
  'a managed process, whatever happens',
  { timeout: 120_000 },
  () => {
    it('changes state legally, never has two children, and stop always resolves with none left', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, release) => {
          const world = new World();
          const managed = create(world);
          const wrong: string[] = [];
          let before = managed.state.status;
          managed.onChange(({ status }) => {
            if (status !== before && !canTransition(before, status)) wrong.push(`${before} → ${status}`);
            before = status;
          });
          for (const { kind, value } of steps) await take(world, managed, kind, value);
          if (release) {
            const shown = managed.state;
            managed.release();
            await world.advance(300_000);
            expect(managed.state).toBe(shown);
          } else {
            let stopped = false;
            void managed.stop().then(() => {
              stopped = true;
            });
            await world.advance(120_000);
            expect(stopped).toBe(true);
            expect(world.children.size).toBe(0);
            expect(['stopped', 'failed']).toContain(managed.state.status);
          }
          expect(wrong).toEqual([]);
          expect(world.most).toBeLessThanOrEqual(1);
        }),
        {
          numRuns: 300,
          // A stop right after a restart: the later wish wins.
          examples: [
            [
              [
                { kind: 'answer', value: 0 },
                { kind: 'start', value: 0 },
                { kind: 'time', value: 600 },
                { kind: 'restart', value: 0 },
              ],
              false,
            ],
          ],
        },
      );
    });
  },
);
