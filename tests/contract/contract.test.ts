import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandName } from '../../shared/contract.ts';
import { EnsembleError } from '../../shared/errors.ts';
import { COMMAND_NAMES } from '../../shared/parse.ts';
import { REFUSAL, SETTINGS_EVENT, telemetryAt } from './fake-center.ts';
import { connected, LINKS, type Link } from './links.ts';
import { SAMPLES } from './samples.ts';

describe.each(LINKS)('the contract %s', (_name, open) => {
  let link: Link;
  beforeEach(async () => {
    link = await open();
  });
  afterEach(() => link.close());

  /** As a program in plain JavaScript would call. */
  const call = (command: string, args: unknown): Promise<unknown> =>
    link.client.invoke(command as CommandName, args as never);
  const refusalOf = async (command: string, args: unknown): Promise<EnsembleError> => {
    const error: unknown = await call(command, args).then(
      () => new Error('it was accepted'),
      (reason: unknown) => reason,
    );
    if (!(error instanceof EnsembleError)) throw error;
    return error;
  };

  it.each(COMMAND_NAMES)('carries %s there and back', async (command) => {
    const { args, result } = SAMPLES[command];
    expect(await call(command, args)).toEqual(result);
    expect(link.center.calls).toEqual([{ command, args }]);
  });

  it('keeps every part of a refusal', async () => {
    link.center.fail('worker.add', REFUSAL);
    const error = await refusalOf('worker.add', SAMPLES['worker.add'].args);
    expect({ ...error, message: error.message }).toEqual({ ...REFUSAL, message: REFUSAL.message });
  });

  it('answers a fault of ours as an internal error', async () => {
    link.center.fail('gpus.rescan', new TypeError('x is not a function'));
    expect(await refusalOf('gpus.rescan', {})).toMatchObject({ code: 'internal' });
  });

  it('suggests the command that was meant', async () => {
    expect(await refusalOf('instance.strat', {})).toMatchObject({
      code: 'unknown-command',
      hint: 'Did you mean “instance.start”?',
    });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', ''])(
    'knows no command %j',
    async (name) => {
      expect(['unknown-command', 'not-found']).toContain((await refusalOf(name, {})).code);
      expect(link.center.calls).toEqual([]);
    },
  );

  it('names the field that is wrong and calls nothing', async () => {
    const error = await refusalOf('logs.read', { id: 'master', after: null, limit: 5001, waitMs: 0 });
    expect(error.code).toBe('bad-argument');
    expect(error.problems).toEqual([{ field: 'limit', message: 'must be a whole number from 1 to 5000' }]);
    expect(link.center.calls).toEqual([]);
  });

  it.each([[null], [[]], ['text'], [7], [{ extra: 1 }]])(
    'refuses %j in place of no arguments',
    async (args) => {
      expect((await refusalOf('fleet.startAll', args)).code).toBe('bad-argument');
      expect(link.center.calls).toEqual([]);
    },
  );

  it('delivers events in order, each to its own listeners', async () => {
    const telemetry = vi.fn();
    const settings = vi.fn();
    link.client.subscribe('telemetry', telemetry);
    link.client.subscribe('settings', settings);
    await connected(link.client);
    for (let at = 0; at < 200; at += 1) link.center.emit('telemetry', telemetryAt(at));
    link.center.emit('settings', SETTINGS_EVENT);
    await vi.waitFor(() => expect(settings).toHaveBeenCalledWith(SETTINGS_EVENT), { timeout: 10_000 });
    expect(telemetry.mock.calls.map(([sample]) => sample.at)).toEqual([...Array(200).keys()]);
    expect(settings).toHaveBeenCalledTimes(1);
  });

  it('delivers nothing more after the unsubscribe, and everything to the others', async () => {
    const left = vi.fn();
    const stayed = vi.fn();
    const unsubscribe = link.client.subscribe('telemetry', left);
    link.client.subscribe('telemetry', stayed);
    await connected(link.client);
    unsubscribe();
    unsubscribe();
    link.center.emit('telemetry', telemetryAt(1));
    await vi.waitFor(() => expect(stayed).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    expect(left).not.toHaveBeenCalled();
  });

  it('answers many calls at once, each with its own result', async () => {
    const calls = Array.from({ length: 50 }, (_, index) =>
      index % 2 === 0 ? call('worker.suggest', {}) : call('settings.get', {}),
    );
    const results = await Promise.all(calls);
    results.forEach((result, index) => {
      expect(result).toEqual(SAMPLES[index % 2 === 0 ? 'worker.suggest' : 'settings.get'].result);
    });
  });

  it('makes an absolute address for a file', () => {
    expect(link.client.fileUrl('/files/pictures/a.png')).toMatch(
      /^(http|app):\/\/.+\/files\/pictures\/a\.png$/,
    );
  });
});
