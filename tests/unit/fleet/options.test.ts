import { describe, expect, it } from 'vitest';
import { parseHostOptions } from '../../../electron/core/options.ts';
import { EnsembleError } from '../../../shared/errors.ts';

describe('parseHostOptions', () => {
  it('reads the documented forms', () => {
    expect(parseHostOptions([])).toEqual({
      port: null,
      host: '127.0.0.1',
      gatewayHost: null,
      agent: null,
      data: null,
      demo: null,
      open: true,
      json: false,
    });
    const full = ['--demo=2', '--port', '9000', '--data', '/x', '--no-open', '--json'];
    expect(parseHostOptions(full)).toMatchObject({
      demo: 2,
      port: 9000,
      data: '/x',
      open: false,
      json: true,
    });
    expect(parseHostOptions(['--demo', '--json']).demo).toBe(4);
    expect(parseHostOptions(['--port', '0']).port).toBe(0);
    expect(parseHostOptions(['--gateway-host', '0.0.0.0']).gatewayHost).toBe('0.0.0.0');
    expect(parseHostOptions(['--agent']).agent).toEqual({ name: null, host: '0.0.0.0', port: 8290 });
    const named = ['--agent', '--agent-name', ' cellar ', '--agent-host', '::1', '--agent-port=0'];
    expect(parseHostOptions(named).agent).toEqual({ name: 'cellar', host: '::1', port: 0 });
  });

  it.each([
    [['--prot', '1'], 'Did you mean --port?'],
    [['--port', 'abc'], null],
    [['--port', '70000'], null],
    [['--demo=0'], null],
    [['--demo=1000'], null],
    [['--port'], 'See --help.'],
    [['--agent', '--agent-port', 'x'], null],
    [['--agent', '--agent-name='], null],
    [['stray'], 'See --help.'],
  ])('refuses %j with one clear sentence', (argv, hint) => {
    let caught: unknown;
    try {
      parseHostOptions(argv);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(EnsembleError);
    expect(caught).toMatchObject({ code: 'bad-argument', hint });
  });
});
