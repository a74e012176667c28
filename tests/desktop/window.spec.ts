import type { BridgeWindow } from './support/desktop.ts';
import { photograph } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { until } from './support/until.ts';

test('the window shows the demo fleet alive', async ({ launch }) => {
  const desktop = await launch();
  await desktop.allReady();
  const { page } = desktop;
  await expect(page).toHaveTitle(/Comfy Ensemble/);
  await expect(page.getByText('Demo fleet (simulated)').first()).toBeVisible();
  for (const name of ['Master', 'Worker 1', 'Worker 2']) {
    await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  }
  await expect(page.getByText('Ready', { exact: true })).toHaveCount(3);
  expect(await page.evaluate(() => location.href)).toMatch(/^app:\/\/ensemble\//);
  photograph('window');
});

test('the page has two functions, and nothing of Node or of other pages', async ({ launch, world }) => {
  const { app, page } = await launch();
  const seen = await page.evaluate(async () => {
    const names = ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer'];
    const policy = (await fetch('/')).headers.get('content-security-policy');
    const { state } = await navigator.permissions.query({ name: 'geolocation' });
    const clipboard = await navigator.clipboard.readText().catch((error: Error) => error.name);
    return {
      bridge: Object.keys((window as unknown as BridgeWindow).ensemble),
      leaks: names.filter((name) => name in window),
      policy,
      location: state,
      notifications: Notification.permission,
      clipboard,
    };
  });
  expect(seen).toMatchObject({
    bridge: ['invoke', 'subscribe'],
    leaks: [],
    location: 'denied',
    notifications: 'denied',
    clipboard: 'NotAllowedError',
  });
  expect(seen.policy).toMatch(/^default-src 'none'; script-src 'self';/);

  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    // Not in the declarations, but there.
    return (
      contents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences();
  });
  expect(preferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    webSecurity: true,
  });

  // It neither leaves nor multiplies, and only known addresses reach the browser.
  await page.evaluate(() => {
    window.open('https://evil.example/');
    window.open('file:///etc/passwd');
    location.href = 'https://evil.example/';
  });
  const { status, traversal } = await page.evaluate(async () => ({
    status: (await fetch('/no-such-file')).status,
    traversal: (await fetch('/..%2f..%2fpackage.json')).status,
  }));
  expect([status, traversal]).toEqual([404, 404]);
  expect(page.url()).toMatch(/^app:\/\/ensemble\//);
  expect(app.windows()).toHaveLength(1);
  expect(world.openedUrls).toEqual([]);
});

test('a crashed page comes back', async ({ launch }) => {
  const desktop = await launch();
  await desktop.allReady();
  const crashes = (): Promise<number> =>
    desktop.app.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId() ?? 0,
    );
  const before = await crashes();
  await desktop.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
  );
  await until('a new renderer', crashes, (pid) => pid !== 0 && pid !== before);
  const text = (): Promise<string> =>
    desktop.app.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return String(await contents?.executeJavaScript('document.body.innerText'));
    });
  expect(await until('the fleet again', text, (shown) => /Worker 2/.test(shown))).toContain('Ready');
});

test('the window is where it was', async ({ launch }) => {
  const first = await launch();
  const bounds = { x: 60, y: 80, width: 1010, height: 700 };
  await first.app.evaluate(
    ({ BrowserWindow }, box) => BrowserWindow.getAllWindows()[0]?.setBounds(box),
    bounds,
  );
  await first.allReady();
  const kept = await first.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
  );
  expect(kept).toMatchObject({ width: 1010, height: 700 });
  first.quit();
  expect(await first.exited).toBe(0);

  const second = await launch();
  const restored = await second.app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getNormalBounds(),
  );
  expect(restored).toMatchObject({ width: 1010, height: 700 });
  // The window manager may add its frame.
  expect(Math.abs((restored?.x ?? 0) - (kept?.x ?? 0))).toBeLessThan(40);
  expect(Math.abs((restored?.y ?? 0) - (kept?.y ?? 0))).toBeLessThan(40);
});

test('the theme follows the setting', async ({ launch }) => {
  const { page, app, ...desktop } = await launch().then((started) => ({
    page: started.page,
    app: started.app,
    invoke: started.invoke.bind(started),
  }));
  await desktop.invoke('settings.update', { patch: { theme: 'dark' } });
  await expect
    .poll(() => app.evaluate(({ nativeTheme }) => [nativeTheme.themeSource, nativeTheme.shouldUseDarkColors]))
    .toEqual(['dark', true]);
  await expect.poll(() => page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)).toBe(true);
});
