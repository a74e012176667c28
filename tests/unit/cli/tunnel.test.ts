import { describe, expect, it, vi } from 'vitest';
import { parseCommandLine } from '../../../electron/cli/arguments.ts';
import { changeTunnel } from '../../../electron/cli/commands/tunnel.ts';
import type { TunnelOrder } from '../../../electron/cli/orders.ts';
import { systemClock } from '../../../electron/core/ports.ts';
import type { CommandName, ControlClient } from '../../../shared/contract.ts';
import type { TunnelState, TunnelStatus } from '../../../shared/tunnel.ts';
import { tunnelStatus } from '../../contract/tunnel-samples.ts';

const UP = tunnelStatus.state;
const START: TunnelOrder = { action: 'start', host: null, yes: true, json: false };

interface World {
  readonly states?: readonly TunnelState[];
  readonly program?: TunnelStatus['program'];
  readonly ask?: (question: string) => Promise<boolean>;
  readonly environment?: NodeJS.ProcessEnv;
}

/** @param world.states one per question, the last one for all that follow */
async function run(order: Partial<TunnelOrder>, world: World = {}) {
  const { states = [{ status: 'off' }, { status: 'starting', kind: 'quick', since: 1 }, UP], ask = null } =
    world;
  const program = world.program ?? tunnelStatus.program;
  const calls: (readonly [CommandName, unknown])[] = [];
  const [out, err]: [string[], string[]] = [[], []];
  let asked = 0;
  const invoke = vi.fn(async (command: CommandName, args: unknown) => {
    calls.push([command, args]);
    if (command === 'tunnel.download')
      return { path: '/data/cloudflared', version: '2026.9.1', sha256: 'ab' };
    if (command !== 'tunnel.status') return null;
    const state = states[Math.min(asked, states.length - 1)];
    asked += 1;
    return { ...tunnelStatus, program, state };
  });
  const error = await changeTunnel(
    { invoke } as unknown as ControlClient,
    { ...START, ...order },
    {
      ...{ environment: world.environment ?? {}, clock: systemClock, ask },
      terminal: {
        ...{
          print: (line) => out.push(line),
          printError: (line) => err.push(line),
          hasColor: false,
          screen: null,
        },
      },
    },
  ).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { out: out.join('\n'), err: err.join('\n'), calls, error };
}

describe('ensemble tunnel', () => {
  it('start prints the address once it is up', async () => {
    const { out, calls, error } = await run({});
    expect(error).toBeNull();
    expect(out).toContain('The tunnel is up: https://calm-river-otter-song.trycloudflare.com');
    expect(calls).toContainEqual(['tunnel.start', { kind: 'quick' }]);
  });

  it('start says what becomes public, and does nothing without a yes', async () => {
    const nobody = await run({ yes: false });
    expect(nobody.error).toMatchObject({
      code: 'bad-argument',
      message: expect.stringContaining('whole internet'),
    });
    const no = await run({ yes: false }, { ask: async () => false });
    expect(no.error).toMatchObject({ message: 'The tunnel stays closed.' });
    for (const { calls } of [nobody, no]) expect(calls.map(([name]) => name)).not.toContain('tunnel.start');
    const yes = await run({ yes: false }, { ask: async () => true });
    expect(yes.err).toContain('Whoever has its token can queue workflows');
    expect(yes.calls.map(([name]) => name)).toContain('tunnel.start');
  });

  it('start of a named one takes its token from the environment, or the one that is kept', async () => {
    const given = await run({ host: 'comfy.example.com' }, { environment: { TUNNEL_TOKEN: 's3cret' } });
    expect(given.calls).toContainEqual([
      'tunnel.start',
      { kind: 'named', host: 'comfy.example.com', token: 's3cret' },
    ]);
    const kept = await run({ host: 'comfy.example.com' });
    expect(kept.calls).toContainEqual([
      'tunnel.start',
      { kind: 'named', host: 'comfy.example.com', token: null },
    ]);
  });

  it('start leaves one that is on as it is', async () => {
    const { out, calls } = await run({}, { states: [UP] });
    expect(out).toContain('The tunnel is up');
    expect(calls.map(([name]) => name)).toEqual(['tunnel.status']);
  });

  it('start fails with the reason, also as JSON', async () => {
    const failed = {
      status: 'failed',
      kind: 'quick',
      since: 1,
      reason: 'Nobody.',
      remedy: 'Look.',
      lines: [],
    } as const;
    const { error, out } = await run({ json: true }, { states: [{ status: 'off' }, failed] });
    expect(error).toMatchObject({ message: 'Nobody.', hint: 'Look.' });
    expect(JSON.parse(out).state).toEqual(failed);
  });

  it('start without cloudflared says how to get it', async () => {
    const program = { status: 'missing', reason: 'Not found.', remedy: 'Download it here.' } as const;
    const { error } = await run({}, { program });
    expect(error).toMatchObject({
      message: 'Not found.',
      hint: expect.stringContaining('ensemble tunnel download'),
    });
  });

  it('download shows where it is and its checksum', async () => {
    expect((await run({ action: 'download' })).out).toMatch(
      /cloudflared 2026\.9\.1: \/data\/cloudflared\nSHA-256, as published: ab/,
    );
  });

  it('status and stop say how it is', async () => {
    expect((await run({ action: 'stop' }, { states: [{ status: 'off' }] })).out).toContain(
      'There is no tunnel.',
    );
    expect(JSON.parse((await run({ action: 'status', json: true }, { states: [UP] })).out).state).toEqual(UP);
    const waits = {
      status: 'backing-off',
      kind: 'quick',
      since: 0,
      until: 0,
      attempt: 3,
      reason: 'Gone.',
    } as const;
    expect((await run({ action: 'status' }, { states: [waits] })).out).toBe(
      'Gone. Try 3 begins at 1970-01-01T00:00:00.000Z.',
    );
  });

  it('is read with its options, each where it belongs', () => {
    const parse = (line: string) => parseCommandLine(line.split(' '));
    expect(parse('tunnel start --host a.example.com -y --json')).toEqual({
      ...{ command: 'tunnel', action: 'start', host: 'a.example.com', yes: true, json: true, data: null },
    });
    expect(() => parse('tunnel')).toThrow(/takes one of four words/);
    expect(() => parse('tunnel open')).toThrow('“tunnel” does not know “open”.');
    expect(() => parse('tunnel stop --yes')).toThrow('“tunnel stop” takes no option --yes.');
    expect(() => parse('status --host x')).toThrow('“status” takes no option --host.');
  });
});
