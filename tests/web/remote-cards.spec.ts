import type { Page } from '@playwright/test';
import { BROKEN, REMOTE_FLEETS } from './fixtures/remote-fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

for (const [name, scripted] of Object.entries(REMOTE_FLEETS)) {
  test.describe(`workers elsewhere: ${name}`, () => {
    test.use({ scripted: { fleet: scripted } });
    for (const theme of ['dark', 'light'] as const) {
      test(`is accessible and looked at, ${theme}`, async ({ fleetPage, page }) => {
        await page.setViewportSize({ width: 1280, height: 1000 });
        await fleetPage.open(theme);
        await expect(fleetPage.card('Master')).toBeVisible();
        await screenshot(page, `remote-${name}-${theme}`);
        await expectAccessible(page);
      });
    }

    test('fits 900 × 640 and 200 % zoom', async ({ fleetPage, page }) => {
      await page.setViewportSize({ width: 900, height: 640 });
      await fleetPage.open();
      await expectNoSidewaysScroll(page);
      await screenshot(page, `remote-${name}-small`);
      await page.setViewportSize({ width: 450, height: 320 });
      await expectNoSidewaysScroll(page);
      await expectAccessible(page);
    });
  });
}

test.describe('a fleet with workers elsewhere', () => {
  test.use({ scripted: { fleet: REMOTE_FLEETS.well } });

  test('groups them, and shows what is measured and how they are opened', async ({ fleetPage, page }) => {
    await fleetPage.open();
    await expect(page.getByRole('heading', { level: 2, name: /^(Local|Remote|Cloud) \d$/ })).toHaveText([
      'Local 1',
      'Remote 2',
      'Cloud 2',
    ]);
    const pod = fleetPage.card('Runpod wcegfo9tbbml9l');
    await expect(pod.getByText('wcegfo9tbbml9l-8188.proxy.runpod.net', { exact: true })).toBeVisible();
    await expect(pod.getByText('Bearer ••••3f9a')).toBeVisible();
    await expect(pod.getByText('94 / 101 MB/s')).toBeVisible();
    await expect(pod.getByText('22 GB of 24 GB free')).toBeVisible();
    await expect(fleetPage.card('gpu-box').getByText('192.168.1.20:8190')).toBeVisible();
    const old = fleetPage.card('Old one');
    await expect(old.getByText('ComfyUI 0.3.64')).toHaveAttribute('title', /the master 0\.33\.0: a node/);
    await expect(old.getByRole('button', { name: /^(Launch|Stop|Restart)/ })).toHaveCount(0);
    await expect(old.getByRole('button', { name: 'Interrupt' })).toBeVisible();
  });

  test('shows the ladder on hover', async ({ fleetPage, page }) => {
    await fleetPage.open();
    const trigger = page.getByRole('button', { name: 'Ready: readiness of Old one' });
    const ladder = page.getByRole('dialog', { name: 'Readiness of Old one' });
    await trigger.hover();
    await expect(ladder.getByText('Files there and back')).toBeVisible();
    await expect(ladder.getByText(/the master 0\.33\.0/)).toBeVisible();
    await screenshot(page, 'remote-ladder-hover');
    await expectAccessible(page);
    await page.mouse.move(0, 0);
    await expect(ladder).toBeHidden();
  });

  test('shows the ladder on focus, and a click goes into it', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    const trigger = page.getByRole('button', { name: 'Ready: readiness of Old one' });
    const ladder = page.getByRole('dialog', { name: 'Readiness of Old one' });
    await trigger.focus();
    await expect(ladder).toBeVisible();
    await expect(trigger).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(ladder).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(ladder.getByRole('button', { name: 'Test again' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByText('Old one: All 5 rungs hold')).toBeVisible();
    expect(center.calls.at(-1)).toEqual({ command: 'remote.climb', args: { id: 'worker-5' } });
    await page.keyboard.press('Escape');
    await expect(ladder).toBeHidden();
    await expect(trigger).toBeFocused();
  });

  test('follows a climb live', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    await page.getByRole('button', { name: 'Ready: readiness of Old one' }).click();
    const ladder = page.getByRole('dialog', { name: 'Readiness of Old one' });
    const remote = center.fleet.instances.at(-1)?.remote ?? null;
    if (remote === null) throw new Error('The last one lives elsewhere.');
    center.change('worker-5', { remote: { ...remote, readiness: BROKEN.models } });
    await expect(ladder.getByText('It has no checkpoint at all.')).toBeVisible();
    await expect(ladder.getByText('Copy a model to it.')).toBeVisible();
    await expect(ladder.getByRole('listitem').nth(4)).toContainText('Not tried');
    await expect(page.getByRole('article', { name: /^Old one, Missing models/ })).toBeVisible();
    await screenshot(page, 'remote-ladder-broken');
  });

  test('tests, disables and deletes from the menu, with undo', async ({ fleetPage, page, center }) => {
    await fleetPage.open();
    center.handlers['remote.climb'] = () => BROKEN.nodes;
    await (await fleetPage.openMenu('gpu-box')).getByRole('menuitem', { name: /Test again/ }).click();
    await expect(page.getByText('gpu-box: Fails at “Node classes”')).toBeVisible();
    const menu = await fleetPage.openMenu('gpu-box');
    await screenshot(page, 'remote-menu');
    await menu.getByRole('menuitem', { name: /Disable/ }).click();
    await expect
      .poll(() => center.calls.at(-1))
      .toEqual({ command: 'instance.select', args: { id: 'worker-3', selected: false } });
    await (await fleetPage.openMenu('gpu-box')).getByRole('menuitem', { name: /Delete/ }).click();
    await expect(page.getByText(/its server goes on running/)).toBeVisible();
    await page.getByRole('button', { name: 'Delete worker' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => center.calls.at(-1)?.command).toBe('worker.restore');
  });
});

test.describe('workers elsewhere that are of less use', () => {
  test.use({ scripted: { fleet: REMOTE_FLEETS.troubled } });

  test('say why, and what to do', async ({ fleetPage, page }) => {
    await fleetPage.open();
    const refused = fleetPage.card('Refused');
    await expect(refused.getByText('Nothing listens on 192.168.1.20:8188')).toBeVisible();
    await expect(refused.getByText('Start ComfyUI there so that other machines reach it.')).toBeVisible();
    await expect(fleetPage.card('Switched off')).toHaveAccessibleName('Switched off, Disabled');
    await expect(
      fleetPage.card('Switched off').getByText('It is not contacted until it is enabled'),
    ).toBeVisible();
    await expect(fleetPage.card('No models')).toHaveAccessibleName(/Missing models$/);
    await expect(fleetPage.card('Old nodes')).toHaveAccessibleName(/Missing nodes$/);
    await expect(fleetPage.card('Small uploads')).toHaveAccessibleName(/Files do not get through$/);
    await expect(fleetPage.card('Behind a login page').getByText('It answers with a web page')).toBeVisible();
    await expect(fleetPage.card('Just added')).toHaveAccessibleName('Just added, Looking…');
    await page.getByRole('button', { name: 'Unreachable: readiness of Refused' }).click();
    const ladder = page.getByRole('dialog', { name: 'Readiness of Refused' });
    await expect(ladder.getByText('python main.py --listen 0.0.0.0 --port 8188')).toBeVisible();
    await screenshot(page, 'remote-ladder-refused');
    await expectAccessible(page);
  });
});

test.describe('many workers elsewhere', () => {
  test.use({ scripted: { fleet: REMOTE_FLEETS.many } });

  test('are three lists that the arrow keys walk through as one', async ({ fleetPage, page }) => {
    await fleetPage.open();
    await expect(page.getByRole('table', { name: 'Remote workers' })).toBeVisible();
    await fleetPage.row('Worker 6').focus();
    await page.keyboard.press('ArrowDown');
    await expect(fleetPage.row('Remote 7')).toBeFocused();
    for (const name of [...Array.from({ length: 8 }, (_, index) => `Remote ${index + 8}`), 'Pod 1']) {
      await page.keyboard.press('ArrowDown');
      await expect(fleetPage.row(name)).toBeFocused();
    }
    await page.keyboard.press('End');
    await expect(fleetPage.row('Pod 40')).toBeFocused();
    await page.keyboard.press('Home');
    await expect(fleetPage.row('Pod 1')).toBeFocused();
    await page.keyboard.press('ArrowUp');
    await expect(fleetPage.row('Remote 15')).toBeFocused();
    await page.getByRole('button', { name: 'Unreachable: readiness of Remote 8' }).hover();
    await expect(page.getByRole('dialog', { name: 'Readiness of Remote 8' })).toBeVisible();
    await screenshot(page, 'remote-many-hover');
  });
});

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = () =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.app, .content, .fleet, .top-bar, .card')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.className} ${element.scrollWidth} > ${element.clientWidth}`),
    );
  await expect.poll(overflow).toEqual([]);
}
