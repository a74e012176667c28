import path from 'node:path';
import { expect, test } from './support/test.ts';

test('refuses unknown commands and bad arguments in words', async ({ launch }) => {
  const desktop = await launch();
  expect(await desktop.send('fleet.snapshoot', {})).toMatchObject({
    ok: false,
    error: { code: 'unknown-command', hint: expect.stringContaining('fleet.snapshot') },
  });
  expect(await desktop.send('__proto__', {})).toMatchObject({
    ok: false,
    error: { code: 'unknown-command' },
  });
  for (const args of [{}, { id: 7 }, { id: 'master', extra: 1 }, null, 'master', []]) {
    expect(await desktop.send('instance.stop', args)).toMatchObject({
      ok: false,
      error: { code: 'bad-argument' },
    });
  }
  // And goes on working.
  expect(await desktop.send('system.info', {})).toMatchObject({ ok: true, result: { shell: 'desktop' } });
});

test('refuses every frame but its own window’s main one', async ({ launch }) => {
  const { app } = await launch();
  const preload = path.join(process.env['ENSEMBLE_DESKTOP_APP'] ?? '', 'dist', 'preload.cjs');
  const replies = await app.evaluate(async ({ BrowserWindow }, script) => {
    const ask = "window.ensemble.invoke('system.info', {})";
    const results: unknown[] = [];
    // Even the very same page is foreign in a window that is not ours.
    for (const url of ['data:text/html,foreign', 'app://ensemble/']) {
      const window = new BrowserWindow({ show: false, webPreferences: { preload: script, sandbox: true } });
      await window.loadURL(url);
      results.push(await window.webContents.executeJavaScript(ask));
      window.destroy();
    }
    return results;
  }, preload);
  for (const reply of replies)
    expect(reply).toMatchObject({ ok: false, error: { code: 'forbidden-origin' } });
});

test('refuses a frame inside its own page', async ({ launch }) => {
  const { app } = await launch();
  const reply = await app.evaluate(async ({ BrowserWindow, ipcMain }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (contents === undefined) throw new Error('no window');
    // Our page cannot even have frames (CSP); the handler is asked as if it had one.
    const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, (...args: unknown[]) => unknown> })
      ._invokeHandlers;
    const frame = { url: 'app://ensemble/', parent: contents.mainFrame };
    const event = { sender: contents, senderFrame: frame, _reply: () => undefined, _throw: () => undefined };
    return new Promise((resolve) => {
      event._reply = resolve as () => undefined;
      event._throw = resolve as () => undefined;
      void Promise.resolve(handlers.get('ensemble:invoke')?.(event, 'system.info', {})).then((value) => {
        if (value !== undefined) resolve(value);
      });
    });
  });
  expect(JSON.stringify(reply)).toContain('forbidden-origin');
});
