import { execFileSync } from 'node:child_process';
import { photograph } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { TrayIcon } from './support/tray.ts';
import { until } from './support/until.ts';

const READY_MENU = [
  '(Demo fleet (simulated): 3 of 3 ready)',
  ...['Master', 'Worker 1', 'Worker 2'].flatMap((name) => [
    `${name}: Ready`,
    `(${name}: Ready > Launch ${name})`,
    `${name}: Ready > Stop ${name}`,
    `${name}: Ready > Open ${name}`,
  ]),
  '(Launch all)',
  'Stop all',
  'Open the ComfyUI page',
  'Copy ComfyUI address',
  'Show Comfy Ensemble',
  'Quit',
];

test('closing goes to the tray, and the tray brings it back', async ({ launch }) => {
  const desktop = await launch();
  await desktop.allReady();
  await desktop.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
  await until(
    'a hidden window',
    () => desktop.windowIs('isVisible'),
    (visible) => !visible,
  );
  photograph('closed-to-tray');
  const tray = await TrayIcon.of(desktop.pid);
  await tray.click('Show Comfy Ensemble');
  await until(
    'the window',
    () => desktop.windowIs('isVisible'),
    (visible) => visible,
  );
  await until(
    'its focus',
    () => desktop.windowIs('isFocused'),
    (focused) => focused,
  );
});

test('every tray item says what is, and does what it says', async ({ launch, world }) => {
  const desktop = await launch();
  await desktop.allReady();
  const tray = await TrayIcon.of(desktop.pid);
  await until(
    'the menu of a ready fleet',
    () => tray.labels(),
    (labels) => labels.join() === READY_MENU.join(),
  );
  expect(await tray.tooltip()).toContain('3 of 3 ready');
  await photographMenu();

  await tray.click('Stop Worker 1');
  await desktop.reaches('worker-1', 'stopped');
  await until(
    'the stopped worker',
    () => tray.labels(),
    (labels) => labels.includes('Worker 1: Stopped'),
  );
  expect(world.servers).not.toHaveProperty('worker-1');
  await tray.click('Launch Worker 1');
  await desktop.reaches('worker-1', 'ready');

  await tray.click('Stop all');
  for (const id of ['master', 'worker-1', 'worker-2']) await desktop.reaches(id, 'stopped');
  expect(world.servers).toEqual({});
  await tray.click('Launch all');
  await desktop.allReady();

  const { gatewayUrl } = await desktop.invoke('system.info', {});
  await tray.click('Copy ComfyUI address');
  await until(
    'the address on the clipboard',
    () => desktop.app.evaluate(({ clipboard }) => clipboard.readText()),
    (text) => text === gatewayUrl,
  );
  await tray.click('Open the ComfyUI page');
  await tray.click('Open Worker 2');
  const worker = await desktop.instance('worker-2');
  const opened = await until(
    'the browser',
    () => world.openedUrls,
    (urls) => urls.length === 2,
  );
  expect(opened.map((url) => new URL(url).origin)).toEqual([gatewayUrl, worker.url]);

  await tray.click('Quit');
  expect(await desktop.exited).toBe(0);
  expect(world.servers).toEqual({});
});

/** For a person to look at: the menu as the panel draws it. The icon sits at the top right, left of the clock. */
async function photographMenu(): Promise<void> {
  const geometry = execFileSync('xdotool', ['getdisplaygeometry'], { encoding: 'utf8' });
  const width = Number(geometry.split(' ')[0]);
  execFileSync('xdotool', ['mousemove', String(width - 82), '14', 'click', '3']);
  // The menu belongs to the panel: nothing tells us when it is drawn.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  photograph('tray-menu');
  execFileSync('xdotool', ['key', 'Escape']);
}
