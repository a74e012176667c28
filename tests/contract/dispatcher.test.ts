import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../electron/core/ports.ts';
import { Dispatcher } from '../../electron/transports/dispatcher.ts';
import { EnsembleError } from '../../shared/errors.ts';
import { FakeCenter } from './fake-center.ts';

function open() {
  const center = new FakeCenter();
  const error = vi.fn();
  return { center, error, dispatcher: new Dispatcher(center.handlers, { ...silentLogger, error }) };
}

it('logs a fault of ours with its cause, and answers without the stack', async () => {
  const { center, error, dispatcher } = open();
  center.fail('gpus.rescan', new Error('outer', { cause: new Error('the root of it') }));
  const reply = await dispatcher.dispatch('gpus.rescan', {});
  expect(JSON.stringify(reply)).not.toContain('.ts:');
  expect(error).toHaveBeenCalledTimes(1);
  expect(JSON.stringify(error.mock.calls)).toContain('the root of it');
});

it('does not log an honest refusal', async () => {
  const { center, error, dispatcher } = open();
  center.fail('gpus.rescan', new EnsembleError('not-ready', 'Still starting.'));
  await dispatcher.dispatch('gpus.rescan', {});
  await dispatcher.dispatch('gpus.rescan', { surplus: 1 });
  expect(error).not.toHaveBeenCalled();
});

it.each([[undefined], [null], [7], [{}], [['system.info']], [Symbol('x')], ['x'.repeat(1_000_000)]])(
  'answers %s in place of a command',
  async (command) => {
    const { dispatcher } = open();
    expect(await dispatcher.dispatch(command, {})).toMatchObject({
      ok: false,
      error: { code: 'unknown-command' },
    });
  },
);

it.each([['thrown text'], [null], [{ code: 'not-found' }]])(
  'survives a handler that throws %j',
  async (thrown) => {
    const { center, dispatcher } = open();
    center.fail('system.info', thrown);
    expect(await dispatcher.dispatch('system.info', {})).toMatchObject({
      ok: false,
      error: { code: 'internal' },
    });
  },
);
