import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { WorkersWorld } from './workers-world.ts';

let world: WorkersWorld;
beforeEach(async () => {
  world = await WorkersWorld.open();
});
afterEach(() => world.close());

const cli: WorkersWorld['cli'] = (argv, around) => world.cli(argv, around);

describe('ensemble workers', () => {
  it.each<[readonly string[], RegExp]>([
    [['lits'], /Did you mean “workers list”\?/],
    [['list', 'x'], /Use: ensemble workers list/],
    [['add'], /A worker elsewhere has one address/],
    [['add', 'a:1', '--host', 'b'], /A worker elsewhere has one address/],
    [['add', 'ftp://x'], /use http:\/\/ or https:\/\//],
    [['add', 'a:1', '--gpu', '1'], /--gpu is for a worker of this machine/],
    [['add', 'a:1', '--path', '../x'], /not a path/],
    [['add', '--type', 'local', '--host', 'x'], /--host is for a worker elsewhere/],
    [['add', '--type', 'local', 'x'], /takes no address/],
    [['add', '--type', 'lokal'], /local, remote or cloud/],
    [['add', 'a:1', '--port', '0'], /whole number from 1 to 65535/],
    [['add', 'a:1', '--https', '--no-https'], /do not go together/],
    [['add', 'a:1', '--bearer-env', 'not a name'], /not the secret itself/],
    [['add', 'a:1', '--bearer-env', 'NOT_SET'], /NOT_SET is empty or not set/],
    [['add', 'a:1', '--bearer-env', '-'], /Nothing came in/],
    [['add', 'a:1', '--basic-env', 'ada'], /takes USER=VARIABLE/],
    [['add', 'a:1', '--cloudflare-env=-=-'], /one secret/],
    [['add', 'a:1', '--bearer-env', 'A', '--no-access'], /opened in one way/],
    [['add', 'a:1', '--bearre-env', 'A'], /Did you mean --bearer-env\?/],
    [['add', 'a:1', '--restart'], /takes no option --restart/],
    [['edit', 'w2'], /Nothing is said of w2/],
    [['edit', 'w2', '--type', 'local'], /cannot become one of this machine/],
    [['edit', 'w1', '--type', 'cloud'], /cannot move elsewhere/],
    [['edit', 'w1', '--bearer-env', 'HOME'], /for a worker elsewhere/],
    [['test', 'w1'], /runs on this machine/],
    [['test', '127.1:8188'], /not a name or an address/],
    [['remove'], /Use: ensemble workers remove ID/],
    [['remove', 'a', 'b'], /name with spaces in quotes/],
  ])('refuses %j in words', async (argv, words) => {
    const { code, err } = await cli(argv);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(
      world.center.calls.filter(({ command }) => /^(remote|worker)\.(add|update|remove)/.test(command)),
    ).toEqual([]);
  });

  it('suggests the worker that was meant', async () => {
    const { code, err } = await cli(['test', 'gpu-bxo']);
    expect(code).toBe(1);
    expect(err).toContain('Did you mean “gpu-box”?');
  });

  it('has a help of its own', async () => {
    const { code, out } = await cli(['add', '--help']);
    expect(code).toBe(0);
    expect(out).toContain('Usage: ensemble workers ACTION');
  });
});

describe('secrets at the command line', () => {
  it('are never repeated where one stands in place of a name', () => {
    const secret = fc
      .string({ minLength: 6 })
      .filter((text) => /[^A-Za-z0-9_=-]/.test(text) && !text.startsWith('-'));
    const options = fc.constantFrom('--bearer-env', '--basic-env', '--cloudflare-env', '--header-env');
    fc.assert(
      fc.property(options, secret, (option, text) => {
        let said = '';
        try {
          parseCommandLine(['workers', 'add', 'a:1', `${option}=${text}`]);
        } catch (error) {
          if (!(error instanceof EnsembleError)) throw error;
          said = `${error.message} ${error.hint}`;
        }
        expect(said).not.toContain(text);
      }),
    );
  });
});
