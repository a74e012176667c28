import type { Page } from '@playwright/test';
import { artifact, seedOf } from './fixtures/runs.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { WORK } from './fixtures/work.ts';

const tile = (page: Page, index: number) =>
  page.getByRole('button', { name: new RegExp(`^Open lighthouse_${String(index + 1).padStart(5, '0')}_`) });
const viewer = (page: Page, index: number) =>
  page.getByRole('dialog', { name: `lighthouse_${String(index + 1).padStart(5, '0')}_.png` });

for (const theme of ['dark', 'light'] as const) {
  test(`grid, viewer and comparison are accessible and looked at, ${theme}`, async ({
    fleetPage,
    page,
    center,
  }) => {
    center.work = WORK.finished();
    await fleetPage.open(theme);
    await page.keyboard.press('Alt+3');
    await expect(tile(page, 7)).toBeVisible();
    await screenshot(page, `gallery-${theme}`);
    await expectAccessible(page);
    await tile(page, 7).click();
    await expect(viewer(page, 7)).toContainText(seedOf(7));
    await screenshot(page, `viewer-${theme}`);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.getByRole('checkbox', { name: /Pick lighthouse_00008/ }).check();
    await page.getByRole('checkbox', { name: /Pick lighthouse_00007/ }).check();
    await page.getByRole('button', { name: 'Compare' }).click();
    await expect(page.getByRole('dialog', { name: 'Compare' })).toBeVisible();
    await screenshot(page, `compare-${theme}`);
    await expectAccessible(page);
  });
}

test('teaches while it is empty, and says when filters hide everything', async ({
  fleetPage,
  page,
  center,
}) => {
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await expect(page.getByRole('heading', { name: 'No pictures yet' })).toBeVisible();
  await expectAccessible(page);
  center.work = WORK.finished();
  await page.getByRole('searchbox', { name: 'Name of the workflow' }).fill('nothing like it');
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await expect(tile(page, 7)).toBeVisible();
});

test('filters by worker, run and day', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  const count = page.locator('.gallery-tile');
  await expect(count).toHaveCount(19);
  await page.getByRole('combobox', { name: 'Made by' }).selectOption('Worker 1');
  await expect(count).toHaveCount(6);
  await page.getByRole('combobox', { name: 'Run' }).selectOption({ index: 1 });
  await expect(count).toHaveCount(2);
  await page.getByLabel('Until').fill('2001-01-01');
  await expect(page.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await expect(count).toHaveCount(19);
});

test('is walked by keyboard: grid, viewer, zoom, and back', async ({ fleetPage, page, center }) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await tile(page, 7).focus();
  await page.keyboard.press('ArrowRight');
  await expect(tile(page, 6)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(viewer(page, 6)).toBeVisible();
  await page.keyboard.press('ArrowRight');
  await expect(viewer(page, 5)).toBeVisible();
  await page.keyboard.press('ArrowLeft');
  await expect(viewer(page, 6)).toBeVisible();
  await page.keyboard.press('z');
  await expect(viewer(page, 6).getByRole('radio', { name: '1:1' })).toBeChecked();
  await expect.poll(() => page.locator('.stage img').evaluate((image) => image.clientWidth)).toBe(1024);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(tile(page, 6)).toBeFocused();
});

test('compares two with one zoom, scrolled together', async ({ fleetPage, page, center }) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await tile(page, 7).focus();
  await page.keyboard.press('c');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('c');
  await page.getByRole('button', { name: 'Compare' }).click();
  const dialog = page.getByRole('dialog', { name: 'Compare' });
  await dialog.getByRole('radio', { name: '2:1' }).check({ force: true });
  const stages = dialog.locator('.stage');
  await expect.poll(() => stages.nth(1).evaluate((stage) => stage.scrollHeight)).toBeGreaterThan(2000);
  await stages.nth(0).evaluate((stage) => stage.scrollTo(300, 500));
  await expect
    .poll(() => stages.nth(1).evaluate((stage) => [stage.scrollLeft, stage.scrollTop]))
    .toEqual([300, 500]);
});

test('takes a seed to “Run workflow…”, with all other seeds moved along', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await tile(page, 5).click();
  await page.getByRole('button', { name: 'Use this seed' }).click();
  const dialog = page.getByRole('dialog', { name: 'Run workflow' });
  await expect(dialog.getByLabel('KSampler · seed')).toHaveValue(seedOf(5));
  await expect
    .poll(() => center.calls.filter(({ command }) => command === 'runs.plan').at(-1)?.args)
    .toMatchObject({ options: { set: [{ node: '3', input: 'seed', value: seedOf(5) }] } });
});

test('saves, copies and opens the run', async ({ fleetPage, page, center, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: center.url });
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await tile(page, 5).click();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save' }).click();
  expect((await download).suggestedFilename()).toBe('lighthouse_00006_.png');
  await page.getByRole('button', { name: 'Copy seed' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(seedOf(5));
  await page.getByRole('button', { name: 'Copy image' }).click();
  await expect(page.getByText('Picture copied')).toBeVisible();
  const types = await page.evaluate(async () =>
    (await navigator.clipboard.read()).flatMap(({ types }) => types),
  );
  expect(types).toContain('image/png');
  await page.getByRole('button', { name: 'Open run', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Run Portrait of a lighthouse' })).toBeVisible();
});

test('new pictures wait while one looks, and come with a press or when one leaves', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await tile(page, 7).hover();
  const before = await tile(page, 7).boundingBox();
  center.emit('artifact', artifact('done', 20));
  const pill = page.getByRole('button', { name: '1 new' });
  await expect(pill).toBeVisible();
  await expectAccessible(page);
  expect(await tile(page, 7).boundingBox()).toEqual(before);
  await pill.click();
  await expect(tile(page, 20)).toBeVisible();
  await expect(pill).toBeHidden();
  // The pill went from under the pointer: the page only knows where that is once it moves.
  await tile(page, 20).hover();
  center.emit('artifact', artifact('done', 21));
  await expect(page.getByRole('button', { name: '1 new' })).toBeVisible();
  await page.mouse.move(20, 400);
  await expect(tile(page, 21)).toBeVisible();
  // A file of another kind stands as its name; a preview stays out.
  center.emit('artifact', artifact('done', 22, { kind: 'latent', name: 'x/noise.latent' }));
  center.emit('artifact', artifact('done', 23, { preview: true }));
  await expect(page.getByRole('button', { name: /^Open noise.latent/ })).toContainText('noise.latent');
  await expect(tile(page, 23)).toHaveCount(0);
});

test('tiles and rows show small pictures; the whole one comes with the viewer', async ({
  fleetPage,
  page,
  center,
}) => {
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/files/')) asked.push(pathname);
  });
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(page.locator('.tile img').nth(7)).toBeVisible();
  await page.keyboard.press('Alt+3');
  await expect(tile(page, 0).locator('img')).toBeVisible();
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(asked.filter((path) => !path.startsWith('/files/thumbnails/done-'))).toEqual([]);
  await tile(page, 0).click();
  await expect(viewer(page, 0).getByRole('img')).toBeVisible();
  expect(asked.filter((path) => !path.startsWith('/files/thumbnails/'))).toEqual([artifact('done', 0).url]);
});

test('10,000 pictures scroll with few in the page', async ({ fleetPage, page, center }) => {
  center.work = WORK.huge();
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  const scroller = page.locator('.gallery-scroller');
  await expect(tile(page, 9999)).toBeVisible();
  for (let turn = 0; turn < 10; turn += 1) {
    const tall = await scroller.evaluate((element) => element.scrollHeight);
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await expect.poll(() => scroller.evaluate((element) => element.scrollHeight)).toBeGreaterThan(tall);
    expect(await page.locator('.gallery-tile').count()).toBeLessThan(90);
  }
});

test('fits 900 × 640 and 200 % zoom', async ({ fleetPage, page, center }) => {
  center.work = WORK.finished();
  await page.setViewportSize({ width: 900, height: 640 });
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await expect(tile(page, 7)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await screenshot(page, 'gallery-small');
  await page.setViewportSize({ width: 450, height: 320 });
  await expectNoSidewaysScroll(page);
  await expectAccessible(page);
  await tile(page, 7).click();
  await expect(viewer(page, 7)).toBeVisible();
  await expectNoSidewaysScroll(page);
  await page.getByRole('button', { name: 'Use this seed' }).scrollIntoViewIfNeeded();
  await screenshot(page, 'viewer-zoomed');
  await expectAccessible(page);
});

async function expectNoSidewaysScroll(page: Page): Promise<void> {
  // The grid follows the window's size one frame later.
  const overflow = () =>
    page.evaluate(() =>
      [
        document.documentElement,
        ...document.querySelectorAll('.gallery, .gallery-scroller, .top-bar, .dialog-body'),
      ]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.className} ${element.scrollWidth} > ${element.clientWidth}`),
    );
  await expect.poll(overflow).toEqual([]);
}
