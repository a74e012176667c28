import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArguments } from '../../../electron/core/supervisor/arguments.ts';
import { advance, FIRST_STEP } from '../../../electron/core/supervisor/boot-progress.ts';
import { nextState, type ProcessEvent } from '../../../electron/core/supervisor/process-machine.ts';
import { parsePsLine, parseStat, parseWindowsLine } from '../../../electron/core/supervisor/process-table.ts';
import { membersOf, type ProcessIdentity } from '../../../electron/core/supervisor/process-tree.ts';
import { parseRegistry } from '../../../electron/core/supervisor/registry.ts';
import { decideRestart, RESTART_TIMING } from '../../../electron/core/supervisor/restart-policy.ts';
import { canTransition, type FailureReport, type ProcessState } from '../../../shared/lifecycle.ts';

const failure: FailureReport = {
  cause: 'unknown',
  summary: 's',
  remedy: null,
  exitCode: 1,
  signal: null,
  lastLines: [],
  at: 0,
};
const generation = fc.integer({ min: 1, max: 3 });
const event: fc.Arbitrary<ProcessEvent> = fc.oneof(
  fc.record({ type: fc.constant('begun' as const), generation, attempt: fc.nat() }),
  fc.record({ type: fc.constant('spawned' as const), generation, pid: fc.nat() }),
  fc.record({ type: fc.constant('stepped' as const), generation, step: fc.constant(FIRST_STEP) }),
  fc.record({ type: fc.constant('answered' as const), generation, pid: fc.nat(), bootMs: fc.constant(null) }),
  fc.record({ type: fc.constant('silent' as const), generation, detail: fc.string() }),
  fc.record({
    type: fc.constant('stopping' as const),
    generation,
    pid: fc.nat(),
    stage: fc.constant('kill' as const),
  }),
  fc.record({ type: fc.constant('stopped' as const), generation }),
  fc.record({
    type: fc.constant('crashed' as const),
    generation,
    failure: fc.constant(failure),
    delayMs: fc.nat(),
    attempt: fc.nat(),
  }),
  fc.record({
    type: fc.constant('gave-up' as const),
    generation,
    failure: fc.constant(failure),
    restarts: fc.nat(),
  }),
);

describe('the state machine', () => {
  it('makes only legal transitions, and none for a late event', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state: ProcessState = { status: 'stopped', since: 0 };
        for (const next of events) {
          const after = nextState(state, next, 1);
          expect(
            after.status === state.status || canTransition(state.status, after.status),
            `${state.status} → ${after.status}`,
          ).toBe(true);
          if ('generation' in state && next.type !== 'begun' && next.generation !== state.generation)
            expect(after).toBe(state);
          state = after;
        }
      }),
    );
  });
});

describe('restarts', () => {
  it('end in a bounded number of tries unless a run was stable, with a bounded delay', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.option(fc.nat({ max: 59_999 })),
        (random, readyMs) => {
          let restarts = 0;
          for (let tries = 0; tries <= RESTART_TIMING.mostRestarts; tries += 1) {
            const decision = decideRestart({ cause: 'unknown', readyMs, restarts }, true, random);
            if (decision.kind === 'give-up') return;
            expect(decision.delayMs).toBeLessThanOrEqual(RESTART_TIMING.mostMs);
            restarts = decision.restarts;
          }
          expect.unreachable();
        },
      ),
    );
    expect(decideRestart({ cause: 'killed', readyMs: 60_000, restarts: 5 }, true, 0)).toMatchObject({
      kind: 'restart',
      restarts: 1,
    });
  });
});

describe('arguments', () => {
  it('gives back what was quoted, on POSIX and Windows', () => {
    const word = fc.string().filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const posix = words.map((text) => `'${text.replaceAll("'", "'\\''")}'`).join(' ');
        expect(parseArguments(posix, 'linux')).toEqual({ argv: words });
        const windows = words
          .map((text) => `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/(\\+)$/, '$1$1')}"`)
          .join(' ');
        expect(parseArguments(windows, 'win32')).toEqual({ argv: words });
      }),
    );
    expect(parseArguments('--a "b', 'linux')).toHaveProperty('problem');
    expect(parseArguments('C:\\a\\b --x', 'win32')).toEqual({ argv: ['C:\\a\\b', '--x'] });
  });
});

describe('boot progress', () => {
  it('only grows, and knows the lines of both versions', () => {
    const lines = [
      '[INFO] Checkpoint files will always be loaded safely.',
      'ComfyUI version: 0.3.64',
      'Import times for custom nodes:',
      'Total VRAM 24106 MB, total RAM 24106 MB',
      '[INFO] To see the GUI go to: http://127.0.0.1:8189',
    ];
    let step = FIRST_STEP;
    for (const line of lines) {
      const next = advance(step, line);
      expect(next.fraction).toBeGreaterThanOrEqual(step.fraction);
      step = next;
    }
    expect(step.fraction).toBe(0.98);
  });
});

describe('process identities', () => {
  it('never count a stranger who got the pid, nor his group', () => {
    const root: ProcessIdentity = { pid: 50, startTime: 'a' };
    const row = (pid: number, parent: number, group: number, startTime: string) => ({
      pid,
      parent,
      group,
      startTime,
      command: '',
    });
    expect(membersOf([row(50, 1, 50, 'b'), row(51, 50, 50, 'b')], root, new Map())).toEqual([]);
    expect(
      membersOf([row(50, 1, 50, 'a'), row(51, 50, 51, 'c'), row(9, 1, 9, 'z')], root, new Map()).map(
        ({ pid }) => pid,
      ),
    ).toEqual([50, 51]);
    expect(membersOf([row(51, 1, 50, 'c')], root, new Map()).map(({ pid }) => pid)).toEqual([51]);
  });

  it('reads the tables of all systems', () => {
    const stat = `7 (a) b (c) S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 4242 0`;
    expect(parseStat(7, stat, 'python\0main.py\0', 'boot')).toEqual({
      pid: 7,
      parent: 1,
      group: 7,
      startTime: 'boot:4242',
      command: 'python main.py',
    });
    expect(parsePsLine('  41     1    41 Ss   Mon Nov  3 20:59:39 2025     python main.py')).toMatchObject({
      pid: 41,
      startTime: 'Mon Nov 3 20:59:39 2025',
      command: 'python main.py',
    });
    expect(parseWindowsLine('12|4|1334|python main.py | x')).toMatchObject({
      pid: 12,
      parent: 4,
      command: 'python main.py | x',
    });
  });

  it('takes nothing damaged out of the registry file', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(parseRegistry(value).version).toBe(1);
      }),
    );
    expect(
      parseRegistry({ version: 1, processes: { a: { pid: -1, startTime: '', command: '' } } }).processes,
    ).toEqual({});
  });
});
