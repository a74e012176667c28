import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { EnsembleError } from '../../../shared/errors.ts';

const parse = (line: string) => parseCommandLine(line === '' ? [] : line.split(' '));

describe('the command line', () => {
  it.each([
    ['', { command: 'help' }],
    ['--help', { command: 'help' }],
    ['logs --help', { command: 'help' }],
    ['--version', { command: 'version' }],
    ['serve --port 1 --whatever', { command: 'serve', args: ['--port', '1', '--whatever'] }],
    ['status', { command: 'status', json: false, data: null }],
    ['--data /d status --json', { command: 'status', json: true, data: '/d' }],
    ['start worker-1', { command: 'start', target: 'worker-1', json: false, data: null }],
    ['stop --all', { command: 'stop', target: null, json: false, data: null }],
    [
      'logs master',
      { command: 'logs', target: 'master', follow: false, lines: 100, json: false, data: null },
    ],
    ['logs m -f -n 5', { command: 'logs', target: 'm', follow: true, lines: 5, json: false, data: null }],
    ['open --no-open', { command: 'open', open: false, json: false, data: null }],
  ])('reads “%s”', (line, order) => {
    expect(parse(line)).toEqual(order);
  });

  it.each([
    ['stats', 'Did you mean “status”?'],
    ['status --jsno', 'Did you mean --json?'],
    ['logs m --folow', 'Did you mean --follow?'],
    ['gpus --all', 'See: ensemble --help'],
    ['start', 'Use: ensemble start ID, or ensemble start --all'],
    ['start a --all', 'Use: ensemble start ID, or ensemble start --all'],
    ['logs', 'Use: ensemble logs ID'],
    ['start Worker 1', 'Put a name with spaces in quotes.'],
    ['status extra', 'See: ensemble --help'],
    ['--data', 'See: ensemble --help'],
  ])('refuses “%s” with a hint', (line, hint) => {
    expect(() => parse(line)).toThrow(expect.objectContaining({ code: 'bad-argument', hint }));
  });

  it.each(['0', '-1', '5001', '1e3', 'x', ''])('takes no %j lines', (lines) => {
    expect(() => parseCommandLine(['logs', 'm', `--lines=${lines}`])).toThrow(EnsembleError);
  });

  it('is read or refused, whatever it is', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--__proto__', '--constructor', '--', '-n', '-f', '--json=1', 'logs', 'start', '--all'),
    );
    fc.assert(
      fc.property(fc.array(word), (argv) => {
        try {
          parseCommandLine(argv);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-argument' });
        }
      }),
      { numRuns: 1000 },
    );
  });
});
