import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AppProcess } from './support/app-process.ts';
import { BareApp } from './support/bare-app.ts';
import { answerDialog } from './support/dialogs.ts';
import { appArguments, electronPath } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { until } from './support/until.ts';
import { isRunning, type World } from './support/world.ts';

/** Stopping escalates within seconds; the app's own bound is 30 s. */
const BOUND_MS = 35_000;

/** @throws Error that says what the app was doing when it should long have ended */
async function exitCode(desktop: AppProcess, world: World): Promise<number | null> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`It goes on:\n${whatItDoes(desktop, world)}`)), BOUND_MS);
    cancel = () => clearTimeout(timer);
  });
  return Promise.race([desktop.exited, late]).finally(cancel);
}

function whatItDoes({ pid }: AppProcess, { data }: World): string {
  const log = readFileSync(path.join(data, 'logs', 'control-center.log'), 'utf8');
  const waits = readFileSync(`/proc/${pid}/wchan`, 'utf8');
  return `${log.split('\n').slice(-30).join('\n')}\nthe kernel has it in ${waits}`;
}

test('a second start shows the first', async ({ launch, world }) => {
  const desktop = await launch();
  await desktop.allReady();
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide());
  const second = BareApp.spawn(world, electronPath(), ['--no-sandbox', ...appArguments(world)]);
  expect(await second.exited).toBe(0);
  await until(
    'the first window',
    () => desktop.windowIs('isVisible'),
    (visible) => visible,
  );
  await until(
    'its focus',
    () => desktop.windowIs('isFocused'),
    (focused) => focused,
  );
  await desktop.allReady();
});

test('start at login is a file that goes with the setting', async ({ start, world }) => {
  const desktop = await start();
  const file = path.join(world.environment['XDG_CONFIG_HOME'] ?? '', 'autostart', 'comfy-ensemble.desktop');
  await desktop.invoke('settings.update', { patch: { launchAtLogin: true } });
  expect(existsSync(file)).toBe(true);
  await desktop.invoke('settings.update', { patch: { launchAtLogin: false } });
  expect(existsSync(file)).toBe(false);
});

test('quitting while a worker works asks: cancel keeps everything', async ({ start, world }) => {
  const desktop = await start();
  await desktop.allReady();
  await desktop.makeBusy('worker-1');
  const before = world.servers;
  desktop.quit();
  await answerDialog('cancel', 'quit-question');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(desktop.isRunning).toBe(true);
  expect(world.servers).toEqual(before);

  desktop.quit();
  await answerDialog('leave');
  expect(await exitCode(desktop, world)).toBe(0);
  expect(world.servers).toEqual(before);
});

test('quitting while a worker works asks: end ends it', async ({ start, world }) => {
  const desktop = await start();
  await desktop.allReady();
  await desktop.makeBusy('worker-1');
  const pids = Object.values(world.servers);
  desktop.quit();
  await answerDialog('end');
  expect(await exitCode(desktop, world)).toBe(0);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('an idle fleet is ended without a question', async ({ start, world }) => {
  const desktop = await start();
  await desktop.allReady();
  const pids = Object.values(world.servers);
  expect(pids).toHaveLength(3);
  desktop.quit();
  expect(await exitCode(desktop, world)).toBe(0);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('SIGTERM asks nobody and ends the servers first', async ({ start, world }) => {
  const desktop = await start();
  await desktop.allReady();
  await desktop.makeBusy('worker-1');
  const pids = Object.values(world.servers);
  process.kill(desktop.pid, 'SIGTERM');
  expect(await exitCode(desktop, world)).toBe(0);
  expect(pids.filter(isRunning)).toEqual([]);
});

test('a killed app takes its servers with it, as set', async ({ start, world }) => {
  const desktop = await start();
  await desktop.allReady();
  const pids = Object.values(world.servers);
  await desktop.crash();
  await until(
    'the end of the servers',
    () => pids.filter(isRunning),
    (living) => living.length === 0,
  );
});

test.describe('with servers that go on', () => {
  test.use({ settings: { stopOnQuit: false } });

  test('a quit leaves busy servers without a question', async ({ start, world }) => {
    const desktop = await start();
    await desktop.allReady();
    await desktop.makeBusy('worker-1');
    const before = world.servers;
    desktop.quit();
    expect(await exitCode(desktop, world)).toBe(0);
    expect(world.servers).toEqual(before);
  });

  test('after a SIGKILL the next start adopts the very same servers', async ({ start, world }) => {
    const first = await start();
    await first.allReady();
    const before = world.servers;
    expect(Object.keys(before).sort()).toEqual(['master', 'worker-1', 'worker-2']);
    await first.crash();

    const second = await start();
    const { instances } = await second.allReady();
    const pids = instances.map(({ id, process: state }) => [id, state.status === 'ready' ? state.pid : null]);
    expect(Object.fromEntries(pids)).toEqual(before);
    // Adopted, not started: nobody saw them boot.
    expect(instances.map(({ process: state }) => (state.status === 'ready' ? state.bootMs : 0))).toEqual([
      null,
      null,
      null,
    ]);
  });
});
