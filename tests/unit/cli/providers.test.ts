import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { aboutProviders } from '../../../electron/cli/commands/providers.ts';
import type { CommandName, ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { PROVIDER_SAMPLES } from '../../contract/provider-samples.ts';

const parse = (line: string) => parseCommandLine(line.split(' '));
const common = { command: 'providers', json: false, data: null };

describe('the command line of providers', () => {
  it.each([
    ['providers', { ...common, action: 'list' }],
    ['providers list --json', { ...common, action: 'list', json: true }],
    ['providers offers', { ...common, action: 'offers', provider: null, vramGb: 0 }],
    ['providers offers runpod --vram 24', { ...common, action: 'offers', provider: 'runpod', vramGb: 24 }],
    ['providers release k1 --now', { ...common, action: 'release', lease: 'k1', now: true }],
    ['providers reconcile --data /d', { ...common, action: 'reconcile', data: '/d' }],
    [
      'providers rent runpod RTX --hours 1.5 --max-price 0.7 --yes',
      {
        ...{ ...common, action: 'rent', provider: 'runpod', offer: 'RTX', ttlMinutes: 90, idleMinutes: 30 },
        ...{ yes: true, maxPrice: 0.7 },
      },
    ],
  ])('reads “%s”', (line, order) => {
    expect(parse(line)).toEqual(order);
  });

  it.each([
    ['providers ofers', 'There is no “providers ofers”.'],
    ['providers rent runpod RTX', 'How many hours may it last at most?'],
    ['providers rent runpod --hours 1', '“providers rent” is used otherwise.'],
    ['providers rent runpod RTX --hours 0', 'How many hours may it last at most?'],
    ['providers list --yes', '“providers list” is used otherwise.'],
    ['providers rent a b --hours 1 --max-price much', '“much” is no price.'],
  ])('refuses “%s”', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });
});

describe('what is printed', () => {
  it('names the price and rents nothing without --yes', async () => {
    const { calls, failure } = await run('providers rent runpod RTX~4090 --hours 2');
    expect(failure).toMatchObject({
      message:
        'RTX 4090 costs $0.69 per hour, at most $1.38 until it is given back. It asks for no password.',
      hint: 'Add --yes to rent it.',
    });
    expect(calls.map(([name]) => name)).toEqual(['providers.offers']);
  });

  it('rents at the price that it has seen', async () => {
    const { calls, lines } = await run('providers rent runpod RTX~4090 --hours 2 --yes');
    expect(calls.at(-1)).toEqual([
      'providers.rent',
      {
        ...{ provider: 'runpod', offer: 'NVIDIA GeForce RTX 4090', pricePerHour: 0.69 },
        ...{ ttlMinutes: 120, idleMinutes: 30 },
      },
    ]);
    expect(lines[0]).toBe('Rented RTX 4090 as k1, at $0.69 per hour.');
  });

  it('rents nothing that costs more than is allowed', async () => {
    const { calls, failure } = await run('providers rent runpod RTX~4090 --hours 1 --max-price 0.5 --yes');
    expect(String(failure)).toContain('more than $0.50 per hour');
    expect(calls).toHaveLength(1);
  });

  it('lists leases with what they cost, and what nobody uses', async () => {
    const { lines } = await run('providers list');
    const text = lines.join('\n');
    expect(text).toMatch(/k1 +ready +RTX 4090 +RunPod ✓ +\$0\.69\/h +\$0\.0115 +59 min/);
    expect(text).toContain(
      'Nobody uses podx at runpod, $0.69 per hour. It costs until: ensemble providers release x',
    );
  });

  it('releases an orphan by its key, too', async () => {
    const { calls } = await run('providers release x');
    expect(calls.at(-1)).toEqual(['providers.releaseOrphan', { provider: 'runpod', key: 'x' }]);
  });

  it('says the same as JSON', async () => {
    const { lines } = await run('providers list --json');
    expect(JSON.parse(lines[0] ?? '')).toEqual(PROVIDER_SAMPLES['providers.state'].result);
  });
});

/** @param line with ~ for a blank within a word */
async function run(line: string) {
  const order = parseCommandLine(line.split(' ').map((word) => word.replace('~', ' ')));
  if (order.command !== 'providers') throw new Error('another command');
  const calls: [CommandName, unknown][] = [];
  const lines: string[] = [];
  const invoke = async (name: CommandName, args: unknown): Promise<unknown> => {
    calls.push([name, args]);
    return PROVIDER_SAMPLES[name as keyof typeof PROVIDER_SAMPLES].result;
  };
  const client = { invoke } as unknown as ControlClient;
  const terminal = {
    print: (text: string) => lines.push(text),
    printError: () => {},
    hasColor: false,
    screen: null,
  };
  const failure = await aboutProviders(client, terminal, order).then(
    () => null,
    (error: unknown) => error,
  );
  if (failure !== null && !(failure instanceof EnsembleError)) throw failure;
  return { calls, lines, failure };
}
