import type { Page } from '@playwright/test';
import type { SystemInfo } from '../../shared/contract.ts';
import type { EditorState } from '../../shared/editor.ts';
import type { EnsembleBridge } from '../../shared/ipc.ts';
import type { FakeControlCenter } from './fake-control-center.ts';
import { defaultReply } from './fixtures/replies.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const STOPPED = {
  process: { status: 'stopped', since: 0 },
  link: { status: 'unknown' },
  queue: null,
} as const;

/** The page as the desktop window shows it: the same commands and events, over a bridge. */
async function asDesktop(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/events`);
    const bridge: EnsembleBridge = {
      invoke: async (command, args) => {
        const body = JSON.stringify(args);
        const headers = { 'content-type': 'application/json' };
        return (await fetch(`/api/commands/${command}`, { method: 'POST', headers, body })).json();
      },
      subscribe: (event, listener) => {
        const onMessage = ({ data }: MessageEvent<string>): void => {
          const message = JSON.parse(data);
          if (message.event === event) listener(message.payload);
        };
        socket.addEventListener('message', onMessage);
        return () => socket.removeEventListener('message', onMessage);
      },
    };
    Object.assign(window, { ensemble: bridge });
  });
}

/** Tells of it, and answers with it from then on. */
function become(center: FakeControlCenter, state: EditorState): void {
  center.handlers['editor.show'] = () => state;
  center.emit('editor', state);
}

test.describe('in a browser', () => {
  test('opens the page of the whole fleet in a tab of its own', async ({ fleetPage, page }) => {
    await page.context().route('http://127.0.0.1:8200/**', (route) => route.fulfill({ body: 'ComfyUI' }));
    for (const theme of ['dark', 'light'] as const) {
      await fleetPage.open(theme);
      await page.keyboard.press('Alt+4');
      await expect(page.getByRole('heading', { name: 'Editor', exact: true })).toBeVisible();
      await expect(page.getByText('http://127.0.0.1:8200', { exact: true })).toBeVisible();
      await screenshot(page, `editor-browser-${theme}`);
      await expectAccessible(page);
    }
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'Open in browser' }).click();
    expect((await opened).url()).toBe('http://127.0.0.1:8200/');
    await page.setViewportSize({ width: 900, height: 640 });
    await screenshot(page, 'editor-browser-narrow');
  });

  test('says what is wrong while there is no address, and goes on by itself', async ({
    fleetPage,
    page,
    center,
  }) => {
    const info = (await defaultReply(center, 'system.info', {})) as SystemInfo;
    center.handlers['system.info'] = () => ({ ...info, gatewayUrl: null });
    await fleetPage.open();
    await page.keyboard.press('Alt+4');
    await expect(page.getByRole('heading', { name: 'The fleet has no ComfyUI address' })).toBeVisible();
    await screenshot(page, 'editor-no-address');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Show notifications' }).click();
    await expect(page.getByRole('region', { name: 'Notifications', exact: true })).toBeVisible();
    center.handlers['system.info'] = () => ({ ...info, gatewayUrl: 'http://127.0.0.1:8207' });
    await expect(page.getByText('http://127.0.0.1:8207', { exact: true })).toBeVisible();
  });

  test('says that the master is off, and launches it', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    await page.keyboard.press('Alt+4');
    await expect(page.getByRole('heading', { name: 'Editor', exact: true })).toBeVisible();
    center.change('master', STOPPED);
    await expect(page.getByText('Master: Stopped.')).toBeVisible();
    await screenshot(page, 'editor-master-off');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Launch Master' }).click();
    await expect
      .poll(() => center.calls.at(-1))
      .toEqual({ command: 'instance.start', args: { id: 'master' } });
  });
});

test.describe('in the desktop window', () => {
  test.beforeEach(({ page }) => asDesktop(page));

  test('lays the page over its pane, and takes it away for whatever lies above', async ({
    fleetPage,
    page,
    center,
  }) => {
    const editorCalls = () => center.calls.filter(({ command }) => command.startsWith('editor.'));
    await fleetPage.open();
    await page.keyboard.press('Alt+4');
    const pane = page.locator('.editor-pane');
    await expect.poll(editorCalls).toHaveLength(1);
    const box = await pane.boundingBox();
    expect(editorCalls()[0]).toEqual({ command: 'editor.show', args: { bounds: box } });
    await page.setViewportSize({ width: 900, height: 640 });
    await expect.poll(async () => editorCalls().at(-1)?.args).toEqual({ bounds: await pane.boundingBox() });
    await page.keyboard.press('Control+k');
    await expect.poll(() => editorCalls().at(-1)?.command).toBe('editor.hide');
    await screenshot(page, 'editor-behind-palette');
    await page.keyboard.press('Escape');
    await expect.poll(() => editorCalls().at(-1)?.command).toBe('editor.show');
    await page.getByRole('button', { name: /^Notifications/ }).click();
    await expect.poll(() => editorCalls().at(-1)?.command).toBe('editor.hide');
    await page.keyboard.press('Escape');
    await expect.poll(() => editorCalls().at(-1)?.command).toBe('editor.show');
    await page.keyboard.press('Alt+1');
    await expect.poll(() => editorCalls().at(-1)?.command).toBe('editor.hide');
    expect(editorCalls().some(({ command }) => command === 'editor.reload')).toBe(false);
  });

  test('leaves room for messages in the corner', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    await page.keyboard.press('Alt+4');
    const pane = page.locator('.editor-pane');
    const last = () => center.calls.findLast(({ command }) => command === 'editor.show')?.args;
    await expect.poll(async () => last()).toEqual({ bounds: await pane.boundingBox() });
    center.handlers['editor.reload'] = () => {
      throw new Error('It cannot be reloaded now.');
    };
    await page.getByRole('button', { name: 'Reload' }).click();
    const message = page.locator('.toasts');
    await expect(message).toContainText('It cannot be reloaded now.');
    const [box, above] = [await pane.boundingBox(), await message.boundingBox()];
    if (box === null || above === null) throw new Error('out of sight');
    const height = Math.floor(above.y) - Math.ceil(box.y);
    await expect.poll(last).toEqual({ bounds: { ...box, height } });
    await message.getByRole('button').first().click();
    await expect.poll(last).toEqual({ bounds: box });
  });

  test('says that the page crashed, and begins it again', async ({ fleetPage, page, center }) => {
    for (const theme of ['dark', 'light'] as const) {
      await fleetPage.open(theme);
      await page.keyboard.press('Alt+4');
      await expect(page.locator('.editor-pane')).toBeVisible();
      become(center, { status: 'loading' });
      await expect(page.getByText('Loading the ComfyUI page…')).toBeVisible();
      await screenshot(page, `editor-loading-${theme}`);
      await expectAccessible(page);
      become(center, { status: 'failed', reason: 'The ComfyUI page crashed.' });
      await expect(page.getByRole('heading', { name: 'The ComfyUI page crashed.' })).toBeVisible();
      await screenshot(page, `editor-crashed-${theme}`);
      await expectAccessible(page);
    }
    await page.locator('.editor-pane').getByRole('button', { name: 'Reload' }).click();
    await expect.poll(() => center.calls.at(-1)?.command).toBe('editor.reload');
  });

  test('brings the page by itself when the master is back', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    await page.keyboard.press('Alt+4');
    const [master] = center.fleet.instances;
    if (master === undefined) throw new Error('no master');
    center.change('master', STOPPED);
    await expect(page.getByText('Master: Stopped.')).toBeVisible();
    become(center, { status: 'failed', reason: 'The fleet’s ComfyUI address answers with error 503.' });
    await expect(page.getByRole('heading', { name: /error 503/ })).toBeVisible();
    await screenshot(page, 'editor-master-off-desktop');
    center.change('master', { process: master.process, link: master.link });
    await expect.poll(() => center.calls.map(({ command }) => command)).toContain('editor.reload');
    await page.getByRole('button', { name: 'Open in browser' }).click();
    await expect.poll(() => center.calls.at(-1)?.command).toBe('shell.openGateway');
  });
});
