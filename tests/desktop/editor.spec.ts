import type { Rectangle } from 'electron';
import type { Desktop } from './support/desktop.ts';
import { photograph } from './support/electron.ts';
import { expect, test } from './support/test.ts';

/** What the main process knows of the ComfyUI page: the contents that show an http address. */
interface Seen {
  readonly url: string;
  readonly isLoading: boolean;
  readonly partition: boolean;
  readonly preload: unknown;
  readonly preferences: Readonly<Record<string, unknown>>;
}

class Editor {
  constructor(private readonly desktop: Desktop) {}

  seen(): Promise<Seen | null> {
    return this.desktop.app.evaluate(({ webContents, session }) => {
      const contents = webContents.getAllWebContents().find((one) => one.getURL().startsWith('http:'));
      if (contents === undefined) return null;
      // Not in the declarations, but there.
      const known = contents as unknown as { getLastWebPreferences(): Record<string, unknown> };
      const preferences = known.getLastWebPreferences();
      return {
        url: contents.getURL(),
        isLoading: contents.isLoading(),
        partition: contents.session !== session.defaultSession,
        preload: preferences['preload'] ?? null,
        preferences: Object.fromEntries(
          ['sandbox', 'contextIsolation', 'nodeIntegration', 'webSecurity', 'webviewTag'].map((name) => [
            name,
            preferences[name],
          ]),
        ),
      };
    });
  }

  /** Whether it lies in the window, and where. */
  place(): Promise<{ readonly isVisible: boolean; readonly bounds: Rectangle } | null> {
    return this.desktop.app.evaluate(({ BrowserWindow }) => {
      const window = BrowserWindow.getAllWindows()[0];
      const [view] = window?.contentView.children ?? [];
      if (view === undefined) return null;
      // A method of the pinned version, a property of what stands in for it in old ones.
      const visible: unknown = Reflect.get(view, 'isVisible');
      return {
        isVisible: typeof visible === 'boolean' ? visible : view.getVisible(),
        bounds: view.getBounds(),
      };
    });
  }

  /** Runs in the ComfyUI page as a script of a custom node would. */
  run(script: string): Promise<unknown> {
    return this.desktop.app.evaluate(
      ({ webContents }, code) =>
        webContents
          .getAllWebContents()
          .find((one) => one.getURL().startsWith('http:'))
          ?.executeJavaScript(code, true),
      script,
    );
  }

  async open(): Promise<void> {
    await this.desktop.page.getByRole('button', { name: 'Editor', exact: true }).click();
    await expect.poll(async () => (await this.place())?.isVisible).toBe(true);
    await expect.poll(async () => (await this.seen())?.isLoading).toBe(false);
  }
}

const isVisible = async (editor: Editor): Promise<boolean> => (await editor.place())?.isVisible ?? false;

test('the ComfyUI page lies in its pane, without our preload, and stays as it is', async ({ launch }) => {
  const desktop = await launch();
  await desktop.allReady();
  const { page } = desktop;
  const editor = new Editor(desktop);
  await editor.open();
  const seen = await editor.seen();
  expect(seen?.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(seen).toMatchObject({
    partition: true,
    preload: null,
    preferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    },
  });
  expect(await editor.run('[typeof window.ensemble, typeof window.require, document.title]')).toEqual([
    'undefined',
    'undefined',
    'ComfyUI',
  ]);
  const pane = page.locator('.editor-pane');
  await expect.poll(async () => (await editor.place())?.bounds).toEqual(await pane.boundingBox());
  photograph('editor');

  await editor.run('window.draft = 42');
  await page.keyboard.press('Control+k');
  await expect.poll(() => isVisible(editor)).toBe(false);
  await page.keyboard.press('Escape');
  await expect.poll(() => isVisible(editor)).toBe(true);
  await page.getByRole('button', { name: 'Fleet', exact: true }).click();
  await expect.poll(() => isVisible(editor)).toBe(false);
  await editor.open();
  expect(await editor.run('window.draft')).toBe(42);

  // Keys that reach the ComfyUI page still lead to the other views.
  await desktop.app.evaluate(({ webContents }) => {
    const contents = webContents.getAllWebContents().find((one) => one.getURL().startsWith('http:'));
    contents?.sendInputEvent({ type: 'keyDown', keyCode: '2', modifiers: ['alt'] });
  });
  await expect(page.getByRole('button', { name: 'Runs', exact: true })).toHaveAttribute(
    'aria-current',
    'page',
  );
  await expect.poll(() => isVisible(editor)).toBe(false);
});

test('the ComfyUI page goes nowhere else, and may do little', async ({ launch, world }) => {
  const desktop = await launch();
  await desktop.allReady();
  const editor = new Editor(desktop);
  await editor.open();
  const home = (await editor.seen())?.url ?? '';
  const states =
    await editor.run(`Promise.all(['geolocation', 'notifications', 'microphone', 'camera', 'clipboard-read']
    .map(async (name) => (await navigator.permissions.query({ name })).state))`);
  expect(states).toEqual(['denied', 'denied', 'denied', 'denied', 'granted']);
  await editor.run("window.open('https://evil.example/'); window.open('file:///etc/passwd'); null");
  await editor.run("location.href = 'https://evil.example/'; null");
  await editor.run("window.open('/api/view?filename=a.png'); null");
  await expect.poll(() => world.openedUrls).toEqual([`${home}api/view?filename=a.png`]);
  expect((await editor.seen())?.url).toBe(home);
  const contents = () => desktop.app.evaluate(({ webContents }) => webContents.getAllWebContents().length);
  expect(await contents()).toBe(2);
  // It may begin anew, as its own Reload does.
  await editor.run('window.draft = 1; location.reload(); null');
  await expect.poll(() => editor.run('typeof window.draft')).toBe('undefined');
});

test('a crash of the ComfyUI page is told, and it goes with the window', async ({ launch, world }) => {
  const desktop = await launch();
  await desktop.allReady();
  const { app, page } = desktop;
  const editor = new Editor(desktop);
  await editor.open();
  await app.evaluate(({ webContents }) => {
    webContents
      .getAllWebContents()
      .find((one) => one.getURL().startsWith('http:'))
      ?.forcefullyCrashRenderer();
  });
  await expect(page.getByRole('heading', { name: 'The ComfyUI page crashed.' })).toBeVisible();
  await expect.poll(() => isVisible(editor)).toBe(false);
  photograph('editor-crashed');
  await page.locator('.editor-pane').getByRole('button', { name: 'Reload' }).click();
  await expect.poll(() => isVisible(editor)).toBe(true);
  expect(await editor.run('document.title')).toBe('ComfyUI');

  await page.getByRole('button', { name: 'Open in browser' }).click();
  await expect.poll(() => world.openedUrls).toEqual([(await editor.seen())?.url]);
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.destroy());
  await expect.poll(() => app.evaluate(({ webContents }) => webContents.getAllWebContents().length)).toBe(0);
});
