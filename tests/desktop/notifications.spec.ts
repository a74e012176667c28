import { spawn } from 'node:child_process';
import { photograph } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { until } from './support/until.ts';

/** Everything that is said to the desktop's notification service. */
function eavesdrop(): { readonly heard: () => string; readonly stop: () => void } {
  const monitor = spawn('dbus-monitor', [
    '--session',
    "interface='org.freedesktop.Notifications',member='Notify'",
  ]);
  let text = '';
  monitor.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  return { heard: () => text, stop: () => monitor.kill() };
}

test('tells a finished picture and a failure to somebody who is not looking', async ({ launch, world }) => {
  const bus = eavesdrop();
  try {
    const desktop = await launch();
    await desktop.allReady();
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await desktop.invoke('instance.testPicture', { id: 'worker-1' });
    await until('a notification', bus.heard, (text) => text.includes('Your test picture is ready'));
    expect(bus.heard()).toMatch(/Worker 1 made it/);
    await desktop.page.waitForTimeout(700);
    photograph('notification');

    await desktop.invoke('settings.update', { patch: { restartCrashed: false } });
    process.kill(world.servers['worker-2'] ?? 0, 'SIGKILL');
    await until('the failure', bus.heard, (text) => text.includes('Worker 2 failed'));
  } finally {
    bus.stop();
  }
});

test('is silent while the window is looked at, and when the setting is off', async ({ launch }) => {
  const bus = eavesdrop();
  try {
    const desktop = await launch();
    await desktop.allReady();
    const finished = async (id: string): Promise<void> => {
      await desktop.invoke('instance.testPicture', { id });
      await until(
        'the picture',
        async () => (await desktop.instance(id)).picture?.status,
        (status) => status === 'done',
      );
    };
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.focus());
    await until(
      'focus',
      () => desktop.windowIs('isFocused'),
      (focused) => focused,
    );
    await finished('worker-1');
    await desktop.invoke('settings.update', { patch: { nativeNotifications: false } });
    await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
    await finished('worker-2');
    expect(bus.heard()).not.toContain('test picture');
  } finally {
    bus.stop();
  }
});
