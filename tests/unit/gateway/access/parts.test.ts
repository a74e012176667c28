import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AccessKey } from '../../../../electron/core/gateway/access/access-key.ts';
import { isLoopback, networkOf, plainAddress } from '../../../../electron/core/gateway/access/addresses.ts';
import { clientsOf, type OpenPrompt } from '../../../../electron/core/gateway/access/clients.ts';
import { tokenIn } from '../../../../electron/core/gateway/access/url-token.ts';
import { GatewayFeed, NO_GATEWAY } from '../../../../electron/core/gateway/gateway-feed.ts';
import { distributed } from '../../../../electron/core/gateway/prompt/default-distribution.ts';
import type { PlanPreview } from '../../../../shared/plans.ts';
import { DEFAULT_RUN_OPTIONS } from '../../../../shared/runs.ts';
import { SAMPLES } from '../../../contract/samples.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

describe('addresses', () => {
  it.each([
    ['::ffff:10.0.0.5', '10.0.0.5'],
    ['::FFFF:a00:5', '10.0.0.5'],
    ['[fd00:0:0::2]', 'fd00::2'],
    ['fe80::1%eth0', 'fe80::1'],
    ['10.0.0.5', '10.0.0.5'],
    ['Studio', 'studio'],
  ])('%s is %s', (given, plain) => expect(plainAddress(given)).toBe(plain));

  it('are of this machine only when they are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
        const groups = /^127(\.\d{1,3}){3}$/.test(plainAddress(address)) || plainAddress(address) === '::1';
        expect(isLoopback(address)).toBe(groups);
      }),
    );
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8:0:0'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['fd00::1:2:3:4:5', 'fd00:0:0:1'],
    ['::1', '0:0:0:0'],
  ])('%s counts with %s', (address, network) => expect(networkOf(address)).toBe(network));
});

it('a token is taken out of an address, and nothing else is touched', () => {
  const rest = fc.stringMatching(/^[a-z]{0,3}(=[a-z%+0-9]{0,4})?$/).filter((text) => !/^token/.test(text));
  fc.assert(
    fc.property(fc.array(rest, { minLength: 1 }), fc.nat(), (parts, place) => {
      const url = `/x?${parts.join('&')}`;
      expect(tokenIn(url)).toEqual({ token: null, rest: url });
      const at = place % (parts.length + 1);
      const withToken = `/x?${parts.toSpliced(at, 0, 'tok%65n=a%2Db').join('&')}`;
      expect(tokenIn(withToken)).toEqual({ token: 'a-b', rest: url });
    }),
  );
});

describe('the token', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'ensemble-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is made once, long, and readable for this user alone', async () => {
    const file = path.join(folder, 'gateway-token');
    const { token } = await AccessKey.open(file);
    expect(Buffer.from(token, 'base64url')).toHaveLength(32);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await AccessKey.open(file)).token).toBe(token);
  });

  it('closes a file that others can read, and does without one that holds no token', async () => {
    const file = path.join(folder, 'gateway-token');
    const token = 'A'.repeat(43);
    await writeFile(file, token, { mode: 0o644 });
    expect((await AccessKey.open(file)).token).toBe(token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await writeFile(file, 'short');
    expect((await AccessKey.open(file)).token).toHaveLength(43);
  });

  it('holds for token and pass, and neither is the other', async () => {
    const key = await AccessKey.open(path.join(folder, 'gateway-token'));
    expect([key.isToken(key.token), key.isPass(key.passFor(null), null)]).toEqual([true, true]);
    expect([key.isToken(key.passFor(null)), key.isPass(key.token, null), key.isToken('')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('gives browsers at a tunnel a pass that holds there alone', async () => {
    const key = await AccessKey.open(path.join(folder, 'gateway-token'));
    const [here, there] = ['calm-otter.trycloudflare.com', 'other.trycloudflare.com'];
    expect(key.isPass(key.passFor(here), here)).toBe(true);
    expect([key.isPass(key.passFor(here), null), key.isPass(key.passFor(here), there)]).toEqual([
      false,
      false,
    ]);
    expect(key.isPass(key.passFor(null), here)).toBe(false);
  });

  it('made anew ends the old one, and stays where it cannot be kept', async () => {
    const file = path.join(folder, 'gateway-token');
    const key = await AccessKey.open(file);
    const [old, pass, told] = [key.token, key.passFor(null), vi.fn()];
    key.onRenewed(told);
    const token = await key.renew();
    expect(await readFile(file, 'utf8')).toBe(`${token}\n`);
    expect([key.isToken(token), key.isToken(old), key.isPass(pass, null)]).toEqual([true, false, false]);
    expect(told).toHaveBeenCalledTimes(1);
    await rm(folder, { recursive: true });
    await expect(key.renew()).rejects.toThrow();
    expect(key.token).toBe(token);
    expect((await AccessKey.open(file)).problem).toContain(file);
  });
});

describe('the clients', () => {
  const prompt = (clientId: string | null, createdAt: number, caller = '192.0.2.7 curl/8'): OpenPrompt => ({
    ...{ clientId, caller, createdAt },
  });
  const socket = { id: 'k-1', address: '::ffff:192.0.2.9', program: 'Krita', clientId: 'k', since: 5 };

  it('are those with a socket, and those whose prompts are here', () => {
    const prompts = [prompt('k', 6), prompt(null, 9), prompt(null, 3), prompt('s', 7), prompt('k', 8)];
    expect(clientsOf([socket], prompts).clients.map(({ id: _, ...client }) => client)).toEqual([
      { address: '192.0.2.7', program: 'curl/8', clientId: null, since: 3, prompts: 2, connected: false },
      { address: '192.0.2.9', program: 'Krita', clientId: 'k', since: 5, prompts: 2, connected: true },
      { address: '192.0.2.7', program: 'curl/8', clientId: 's', since: 7, prompts: 1, connected: false },
    ]);
  });

  it('are at most 200, with the number of all, and short', () => {
    const many = Array.from({ length: 500 }, (_, index) => ({
      ...socket,
      id: String(index),
      clientId: 'x'.repeat(index + 1),
    }));
    const { clients, clientCount } = clientsOf(many, []);
    expect([clients.length, clientCount]).toEqual([200, 500]);
    expect(Math.max(...clients.map(({ clientId }) => clientId?.length ?? 0))).toBe(200);
  });

  it('are told of once a second, however much happens', () => {
    const clock = new ManualClock();
    const feed = new GatewayFeed(clock, () => NO_GATEWAY);
    const told = vi.fn();
    feed.onStatus(told);
    for (let count = 0; count < 50; count += 1) feed.changed();
    expect(told).not.toHaveBeenCalled();
    clock.advance(1_000);
    expect(told).toHaveBeenCalledTimes(1);
    feed.changed();
    clock.advance(1_000);
    expect(told).toHaveBeenCalledTimes(2);
  });
});

describe('a prompt that does not say how', () => {
  const sample = SAMPLES['runs.plan'].result;
  const participant = (id: string, takesPart: boolean) => ({
    ...{ id, name: id, role: 'worker' as const, takesPart, reason: null },
  });
  const participants = [participant('a', true), participant('b', false), participant('c', true)];
  const seed = { nodeId: '1', node: 'KSampler', input: 'seed', base: '7' };
  const service = (kind: PlanPreview['kind'], seeds: PlanPreview['seeds'] = [seed], all = participants) => ({
    plan: vi.fn(async () => ({ ...sample, kind, participants: all, seeds })),
  });
  const options = (how: Parameters<typeof distributed>[0], plans = service('whole')) =>
    distributed(how, '{}', DEFAULT_RUN_OPTIONS, plans);

  it('goes whole to whoever is soonest, without being looked at', async () => {
    const plans = service('whole');
    expect(await options('balance', plans)).toEqual(DEFAULT_RUN_OPTIONS);
    expect(plans.plan).not.toHaveBeenCalled();
  });

  it('goes to the master alone', async () => {
    expect(await options('master')).toMatchObject({ mode: 'participating', on: ['master'], copies: null });
  });

  it('is copied once per participant where seeds make the copies differ', async () => {
    expect((await options('fan-out')).copies).toBe(2);
    expect((await options('fan-out', service('whole', []))).copies).toBeNull();
    expect((await options('fan-out', service('whole', [seed], participants.slice(0, 2)))).copies).toBeNull();
  });

  it.each(['distributed', 'batch-split'] as const)('that is %s by itself stays as it is', async (kind) => {
    expect((await options('fan-out', service(kind))).copies).toBeNull();
  });

  it('is refused where every prompt is, and not here', async () => {
    const broken = { plan: () => Promise.reject(new Error('no graph')) };
    expect(await distributed('fan-out', '{', DEFAULT_RUN_OPTIONS, broken)).toEqual(DEFAULT_RUN_OPTIONS);
  });
});
