import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../electron/core/ports.ts';
import { Dispatcher } from '../../electron/transports/dispatcher.ts';
import { registerIpc } from '../../electron/transports/ipc-server.ts';
import { IPC_INVOKE, IPC_SUBSCRIBE } from '../../shared/ipc.ts';
import { FakeCenter, telemetryAt } from './fake-center.ts';
import { FakeIpcMain, FakePage } from './fake-ipc.ts';

function open(isTrusted: (page: FakePage) => boolean = () => true) {
  const center = new FakeCenter();
  const ipcMain = new FakeIpcMain();
  const end = registerIpc({
    ipcMain,
    dispatcher: new Dispatcher(center.handlers, silentLogger),
    events: center.events,
    isTrusted: (event) => isTrusted(event.sender),
    logger: silentLogger,
  });
  return { center, ipcMain, end };
}

it('answers an untrusted sender with a refusal, and runs and tells it nothing', async () => {
  const { center, ipcMain } = open(() => false);
  const page = new FakePage(ipcMain, 1);
  const heard = vi.fn();
  page.bridge.subscribe('telemetry', heard);
  expect(await page.bridge.invoke('fleet.stopAll', {})).toMatchObject({
    ok: false,
    error: { code: 'forbidden-origin' },
  });
  center.emit('telemetry', telemetryAt(1));
  expect(center.calls).toEqual([]);
  expect(page.sent).toEqual([]);
  expect(heard).not.toHaveBeenCalled();
});

it('sends a page only the events that it asked for, each once', () => {
  const { center, ipcMain } = open();
  const [asked, silent] = [new FakePage(ipcMain, 1), new FakePage(ipcMain, 2)];
  asked.bridge.subscribe('telemetry', () => undefined);
  asked.bridge.subscribe('telemetry', () => undefined);
  center.emit('telemetry', telemetryAt(1));
  center.emit('notice', { id: 1, at: 1, level: 'info', title: 't', detail: null, instanceId: null });
  expect(asked.sent).toEqual([{ event: 'telemetry', payload: telemetryAt(1) }]);
  expect(silent.sent).toEqual([]);
});

it('ignores a subscription to no event of the contract', () => {
  const { center, ipcMain } = open();
  const page = new FakePage(ipcMain, 1);
  for (const name of ['__proto__', 'secrets', 7, null]) ipcMain.emit(IPC_SUBSCRIBE, { sender: page }, name);
  center.emit('telemetry', telemetryAt(1));
  expect(page.sent).toEqual([]);
});

it('forgets a page that is gone, and survives one that goes without a word', () => {
  const { center, ipcMain } = open();
  const [first, second] = [new FakePage(ipcMain, 1), new FakePage(ipcMain, 2)];
  for (const page of [first, second]) page.bridge.subscribe('telemetry', () => undefined);
  first.destroy();
  vi.spyOn(second, 'isDestroyed').mockReturnValue(true);
  center.emit('telemetry', telemetryAt(1));
  expect([...first.sent, ...second.sent]).toEqual([]);
});

it('leaves nothing behind when it ends', () => {
  const { center, ipcMain, end } = open();
  expect(ipcMain.handlers.has(IPC_INVOKE)).toBe(true);
  end();
  expect(ipcMain.handlers.size).toBe(0);
  expect(center.listeners).toBe(0);
});
