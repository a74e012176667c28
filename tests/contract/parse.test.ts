import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EnsembleError } from '../../shared/errors.ts';
import { LIMITS } from '../../shared/parse/fields.ts';
import { COMMAND_NAMES, isCommandName, parseCommandArgs } from '../../shared/parse.ts';
import { SAMPLES } from './samples.ts';

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run();
  } catch (error) {
    if (!(error instanceof EnsembleError) || error.code !== 'bad-argument') throw error;
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.message.length).toBeLessThan(4000);
    return error.problems.map((problem) => `${problem.field} ${problem.message}`);
  }
  return [];
}

const name = fc.constantFrom(...COMMAND_NAMES);

describe('the argument parsers', () => {
  it('know every command of the contract', () => {
    expect([...COMMAND_NAMES].sort()).toEqual(Object.keys(SAMPLES).sort());
  });

  it('take no inherited name for a command', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom(...Object.getOwnPropertyNames(Object.prototype))),
        (text) => {
          expect(isCommandName(text)).toBe(Object.keys(SAMPLES).includes(text));
        },
      ),
    );
  });

  it('refuse any JSON that does not fit with bad-argument, and throw nothing else', () => {
    fc.assert(
      fc.property(name, fc.oneof(fc.jsonValue(), fc.anything()), (command, args) => {
        problemsOf(() => parseCommandArgs(command, args));
      }),
      { numRuns: 2000 },
    );
  });

  it('give back what they accept, unchanged', () => {
    fc.assert(
      fc.property(name, (command) => {
        expect(parseCommandArgs(command, SAMPLES[command].args)).toEqual(SAMPLES[command].args);
      }),
    );
  });

  it('accept no field beyond the known ones, however deep', () => {
    const spoil = (value: unknown): unknown[] => {
      if (typeof value !== 'object' || value === null) return [];
      if (Array.isArray(value)) {
        return value.flatMap((part: unknown, index) =>
          spoil(part).map((spoiled) => [...value.slice(0, index), spoiled, ...value.slice(index + 1)]),
        );
      }
      const inner = Object.entries(value).flatMap(([key, part]) =>
        spoil(part).map((spoiled) => ({ ...value, [key]: spoiled })),
      );
      return [
        { ...value, surplus: 1 },
        JSON.parse(JSON.stringify(value).replace(/^\{/, '{"__proto__":{},').replace(',}', '}')),
        ...inner,
      ];
    };
    for (const command of COMMAND_NAMES) {
      for (const args of spoil(SAMPLES[command].args)) {
        expect(
          problemsOf(() => parseCommandArgs(command, args)),
          `${command} ${JSON.stringify(args)}`,
        ).not.toEqual([]);
      }
    }
  });

  it.each([
    [
      'a port of 0',
      'worker.add',
      { draft: { name: 'a', port: 0, device: 'cpu', extraArgs: '' } },
      'draft.port must be a whole number from 1 to 65535',
    ],
    [
      'a port of 65536',
      'worker.add',
      { draft: { name: 'a', port: 65_536, device: 'cpu', extraArgs: '' } },
      'draft.port must be a whole number from 1 to 65535',
    ],
    [
      'a port as text',
      'worker.check',
      { id: null, draft: { name: 'a', port: '1', device: 'cpu', extraArgs: '' } },
      'draft.port must be a whole number from 1 to 65535',
    ],
    [
      'an id that climbs out of its folder',
      'instance.start',
      { id: '../x' },
      'id must be the id of an instance (letters, digits, “-” and “_”, at most 64)',
    ],
    [
      'too long a wait',
      'logs.read',
      { id: 'a', after: null, limit: 1, waitMs: 30_001 },
      'waitMs must be a whole number from 0 to 30000',
    ],
    [
      'half a line',
      'logs.read',
      { id: 'a', after: null, limit: 1.5, waitMs: 0 },
      'limit must be a whole number from 1 to 5000',
    ],
    [
      'a NUL in a path',
      'comfyui.use',
      { root: '/a\0b', python: null },
      'root must not contain a NUL character',
    ],
    [
      'too long a text',
      'import.apply',
      { source: { text: 'x'.repeat(LIMITS.text + 1) } },
      'source.text must be text of at most 1048576 characters',
    ],
    [
      'an unknown theme',
      'settings.update',
      { patch: { theme: 'pink' } },
      'patch.theme must be "system", "light" or "dark"',
    ],
    [
      'an address in place of a name',
      'settings.update',
      { patch: { gatewayNames: ['a.example', 'http://a.example'] } },
      'patch.gatewayNames.1 must be a name like gpu.example.com or gpu.example.com:443',
    ],
    [
      'too many names',
      'settings.update',
      { patch: { gatewayNames: Array<string>(51).fill('a') } },
      'patch.gatewayNames must be at most 50 names',
    ],
    [
      'an unknown way to distribute',
      'settings.update',
      { patch: { gatewayDistribution: 'all' } },
      'patch.gatewayDistribution must be "balance", "fan-out" or "master"',
    ],
    [
      'a preference that is undefined',
      'settings.update',
      { patch: { closeToTray: undefined } },
      'patch.closeToTray must be true or false',
    ],
    ['a missing field', 'fleet.setParticipation', {}, 'participate must be true or false'],
  ] as const)('refuse %s in words', (_what, command, args, problem) => {
    expect(problemsOf(() => parseCommandArgs(command, args))).toEqual([problem]);
  });

  it('let a form that is being filled in ask for its problems', () => {
    const draft = { name: '', port: 8189, device: '', extraArgs: '"' };
    expect(parseCommandArgs('worker.check', { id: null, draft })).toEqual({ id: null, draft });
    expect(problemsOf(() => parseCommandArgs('worker.add', { draft }))).toHaveLength(2);
  });
});
