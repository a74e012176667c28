import { describe, expect, it } from 'vitest';
import { helpText, KNOWN_FLAGS, parseFlags } from '../../../electron/simulator/flags.ts';
import { readOptions } from '../../../electron/simulator/options.ts';

describe('ComfyUI flags', () => {
  it('reads values, optional values and lists', () => {
    const parsed = parseFlags([
      '--port',
      '8190',
      '--listen',
      '--fast',
      'a',
      'b',
      '--cpu',
      '--temp-directory=/t',
    ]);
    if (parsed.kind !== 'run') throw new Error('refused');
    const options = readOptions(parsed.values, [], '/base');
    expect(options).toMatchObject({ port: 8190, addresses: ['0.0.0.0', '::'], cpu: true });
    expect(options.directories).toMatchObject({ temp: '/t/temp', input: '/base/input' });
    expect(parsed.values.get('--fast')).toEqual(['a', 'b']);
  });

  it.each([
    [['--prot', '1'], 'unrecognized arguments: --prot 1'],
    [['--port'], 'argument --port: expected one argument'],
    [['--port', 'x'], "argument --port: invalid int value: 'x'"],
    [['--cpu=1'], "argument --cpu: ignored explicit argument '1'"],
  ])('refuses %j', (argv, message) => {
    expect(parseFlags(argv)).toEqual({ kind: 'error', message });
  });

  it('lists every flag in its help', () => {
    const listed = [...helpText().matchAll(/^ {2}(--[\w-]+)/gm)].map((match) => match[1]);
    expect(listed).toEqual(KNOWN_FLAGS);
  });
});
