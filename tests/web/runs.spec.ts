import type { Page } from '@playwright/test';
import { EnsembleError } from '../../shared/errors.ts';
import { FLEETS } from './fixtures/fleets.ts';
import { RUN_REPLIES } from './fixtures/run-replies.ts';
import { artifact, run, shard } from './fixtures/runs.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { WORK } from './fixtures/work.ts';

const row = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name},`) });
const detail = (page: Page, name: string) => page.getByRole('region', { name: `Run ${name}`, exact: true });
const HARBOUR = 'Harbour at dawn, 16 variants';

for (const theme of ['dark', 'light'] as const) {
  for (const [name, work] of Object.entries(WORK)) {
    test(`${name}, ${theme}: is accessible and looked at`, async ({ fleetPage, page, center }) => {
      center.work = work();
      await fleetPage.open(theme);
      await page.keyboard.press('Alt+2');
      await expect(page.getByText(/Overview|No runs yet/).first()).toBeVisible();
      await screenshot(page, `runs-${name}-${theme}`);
      await expectAccessible(page);
    });
  }
  for (const tab of ['Shards', 'Files'] as const) {
    test(`${tab}, ${theme}: is accessible and looked at`, async ({ fleetPage, page, center }) => {
      center.work = WORK.failing();
      await fleetPage.open(theme);
      await page.keyboard.press('Alt+2');
      await page.getByRole('tab', { name: new RegExp(tab) }).click();
      await screenshot(page, `runs-${tab}-${theme}`);
      await expectAccessible(page);
    });
  }
}

for (const name of ['busy', 'failing', 'empty'] as const) {
  test(`${name}: fits 900 × 640 and 200 % zoom`, async ({ fleetPage, page, center }) => {
    center.work = WORK[name]();
    await page.setViewportSize({ width: 900, height: 640 });
    await fleetPage.open();
    await page.keyboard.press('Alt+2');
    await expect(page.getByText(/Overview|No runs yet/).first()).toBeVisible();
    await expectNoSidewaysScroll(page);
    await screenshot(page, `runs-small-${name}`);
    await page.setViewportSize({ width: 450, height: 320 });
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    if (name === 'empty') return;
    await page.locator('.run-row').first().click();
    await expect(page.getByRole('button', { name: 'Back to the runs' })).toBeVisible();
    await expectNoSidewaysScroll(page);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Back to the runs' }).click();
    await expect(page.locator('.run-row').first()).toBeVisible();
  });
}

test('fills up live, without moving anything', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  const pane = detail(page, HARBOUR);
  await expect(pane.getByText('5 of 16 shards')).toBeVisible();
  const tiles = pane.locator('.tile');
  await expect(tiles).toHaveCount(16);
  const before = await tiles.nth(10).boundingBox();
  await expect(pane.getByRole('img', { name: 'Live preview of shard 6' })).toHaveAttribute('src', /n=7$/);
  center.changeShard(
    shard('busy', 6, {
      status: 'running',
      node: 'KSampler',
      step: 9,
      steps: 20,
      preview: 8,
      instanceId: 'master',
    }),
  );
  await expect(pane.getByRole('img', { name: 'Live preview of shard 6' })).toHaveAttribute('src', /n=8$/);
  await expect(tiles.nth(6)).toContainText('9 of 20');
  center.changeRun('busy', { shards: { ...run('x').shards, done: 6, running: 3, queued: 7 } });
  await expect(pane.getByText('6 of 16 shards')).toBeVisible();
  await expect(row(page, HARBOUR)).toHaveAccessibleName(/6 of 16/);
  expect(await tiles.nth(10).boundingBox()).toEqual(before);
});

test('a picture takes the place of the live preview once it is there, and not before', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.busy();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/files/thumbnails/busy-6', async (route) => {
    await held;
    await route.continue();
  });
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  const pane = detail(page, HARBOUR);
  const preview = pane.getByRole('img', { name: 'Live preview of shard 6' });
  await expect(preview).toBeVisible();
  const asked = page.waitForRequest('**/files/thumbnails/busy-6');
  center.emit('artifact', artifact('busy', 6));
  await asked;
  await expect(preview).toBeVisible();
  release();
  await expect(pane.getByRole('button', { name: /^Open .*lighthouse_00007_.* of shard 6$/ })).toBeVisible();
  await expect(preview).toHaveCount(0);
});

test('says in words why what waits still waits', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  const lacking = 'All 3 that can take it are busy (Worker 2: has no model dreamshaper_8.safetensors).';
  const pane = detail(page, HARBOUR);
  await expect(pane.locator('.run-waits')).toHaveText(`6 shards waiting: ${lacking}`);
  await expect(pane.locator('.tile-queued .tile-face').first()).toHaveAttribute('title', lacking);
  const next = row(page, 'Forest path, four seasons');
  await expect(next).toHaveAccessibleName(
    /All 4 that can take it are busy, and an earlier run goes first\.$/,
  );
  await expect(next).toContainText('an earlier run goes first');
  await pane.getByRole('tab', { name: /Shards/ }).click();
  await expect(pane.getByRole('cell', { name: lacking }).first()).toBeVisible();
  center.changeRun('next', { waits: 'The queue is paused.' });
  await expect(next).toContainText('The queue is paused.');
  center.changeRun('busy', { waits: null });
  await expect(pane.locator('.run-waits')).toHaveCount(0);
});

test('an older revision changes nothing, and a removed run goes', async ({ fleetPage, page, center }) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(row(page, 'Portrait of a lighthouse')).toBeVisible();
  const stale = run('done', { revision: 0, name: 'Stale' });
  center.emit('runs', { runs: [stale, run('fresh', { name: 'Fresh' })], removed: [], queue: center.queue });
  await expect(row(page, 'Fresh')).toBeVisible();
  await expect(row(page, 'Stale')).toHaveCount(0);
  center.emit('runs', { runs: [], removed: ['fresh'], queue: center.queue });
  await expect(row(page, 'Fresh')).toHaveCount(0);
});

test('tells errors with node, class and traceback, and what was lost on the way', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(page.getByText('Shard 3, attempt 1 on Worker 3: Worker 3 stopped answering')).toBeVisible();
  await row(page, 'Batch upscale of the archive').click();
  const pane = detail(page, 'Batch upscale of the archive');
  await expect(pane.getByText('Shards 3, 7 · Node 3 (KSampler) · torch.OutOfMemoryError')).toBeVisible();
  await expect(pane.getByText('Traceback (most recent call last):').first()).toBeHidden();
  await pane.getByText('Traceback', { exact: true }).first().click();
  await expect(pane.getByText('Traceback (most recent call last):').first()).toBeVisible();
  await expect(pane.getByText('No selected worker is usable', { exact: false }).first()).toBeVisible();
  await pane.getByRole('button', { name: 'Retry failed' }).click();
  await expect.poll(() => center.calls.at(-1)).toEqual({ command: 'runs.retry', args: { runId: 'failed' } });
});

test('cancels and forgets only after saying what that means', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await detail(page, HARBOUR).getByRole('button', { name: 'Cancel…' }).click();
  const dialog = page.getByRole('dialog', { name: `Cancel ${HARBOUR}?` });
  await expect(dialog).toContainText('5 shards at work are stopped and 6 waiting shards will not run');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Keep running' }).click();
  expect(center.calls.some(({ command }) => command === 'runs.cancel')).toBe(false);
  await detail(page, HARBOUR).getByRole('button', { name: 'Cancel…' }).click();
  await dialog.getByRole('button', { name: 'Cancel run' }).click();
  await expect(row(page, HARBOUR)).toHaveAccessibleName(/Cancelled/);
  await row(page, HARBOUR).focus();
  await page.keyboard.press('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Forget run' }).click();
  await expect(row(page, HARBOUR)).toHaveCount(0);
});

test('pauses the queue in plain sight', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(page.getByText('14 waiting')).toBeVisible();
  await page.getByRole('button', { name: 'Pause queue' }).click();
  await expect(page.getByText('The queue is paused.')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Resume queue' }).click();
  await expect(page.getByText('The queue is paused.')).toBeHidden();
});

test('is walked and ordered by keyboard alone', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await row(page, HARBOUR).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(row(page, 'Portraits for the cover')).toBeFocused();
  await expect(detail(page, 'Portraits for the cover')).toBeVisible();
  await page.keyboard.press('Alt+ArrowUp');
  await expect
    .poll(() => center.calls.at(-1))
    .toEqual({ command: 'runs.move', args: { runId: 'later', before: 'next' } });
  await expect(page.locator('.run-row').nth(1)).toHaveAccessibleName(/^Portraits for the cover/);
  await expect(row(page, 'Portraits for the cover')).toBeFocused();
  await page.keyboard.press('n');
  await expect(page.getByRole('status').getByText('runs again with the next seeds')).toBeVisible();
  await page.keyboard.press('End');
  await expect(row(page, 'Batch upscale of the archive')).toBeFocused();
});

test('downloads the workflow under the name of the run', async ({ fleetPage, page, center }) => {
  center.work = WORK.finished();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await page.getByRole('button', { name: 'Actions for Portrait of a lighthouse' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Download workflow' }).click();
  expect((await download).suggestedFilename()).toBe('Portrait of a lighthouse.json');
});

test('2,000 shards and 300 runs stay few elements; older runs come on demand', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.huge();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(detail(page, 'All of it').getByText('1,952 more shards')).toBeVisible();
  expect(await page.locator('.run-row').count()).toBeLessThan(40);
  await page.getByRole('tab', { name: 'Shards (2,000)' }).click();
  const table = page.getByRole('table', { name: 'Shards of All of it' });
  await expect(table).toHaveAttribute('aria-rowcount', '2001');
  expect(await table.getByRole('row').count()).toBeLessThan(80);
  await page.locator('.table-scroller').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await expect(table.getByRole('cell', { name: '1999', exact: true })).toBeVisible();
  await page.locator('.run-list').evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await page.getByRole('button', { name: 'Show older' }).click();
  await expect(page.locator('.run-item').first()).toHaveAttribute('aria-setsize', '120');
  await page.locator('.run-list').evaluate((element) => element.scrollTo(0, 70 * 126));
  await expect(row(page, 'Run 68')).toBeAttached();
});

test('waits for a fleet that is still being set up, and then shows its runs', async ({
  fleetPage,
  page,
  center,
}) => {
  center.work = WORK.finished();
  let ready = false;
  const { 'runs.list': list } = RUN_REPLIES;
  center.handlers['runs.list'] = (args) => {
    if (ready) return list(center, args);
    throw new EnsembleError('not-ready', 'The fleet is still being set up.', 'Try again in a moment.');
  };
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(page.getByText('Reading the runs…')).toBeVisible();
  ready = true;
  center.setFleet(center.fleet);
  await expect(row(page, 'Portrait of a lighthouse')).toBeVisible();
  await expect(page.getByText('The fleet is still being set up.')).toHaveCount(0);
});

test('starts over after a reconnection', async ({ fleetPage, page, center }) => {
  center.work = WORK.busy();
  await fleetPage.open();
  await page.keyboard.press('Alt+2');
  await expect(row(page, HARBOUR)).toBeVisible();
  center.work = { ...WORK.finished(), runs: [run('done', { name: 'While away' })] };
  center.dropConnections();
  await expect(row(page, 'While away')).toBeVisible();
  await expect(row(page, HARBOUR)).toHaveCount(0);
});

test.describe('the pulse', () => {
  test.use({ scripted: { fleet: FLEETS.busy } });
  test('tells active runs and all that waits', async ({ fleetPage, page, center }) => {
    center.work = WORK.busy();
    await fleetPage.open();
    const pulse = page.locator('.pulse');
    await expect(pulse).toContainText('Runs1');
    await expect(pulse).toContainText('Queue19');
  });
});

/** The layout follows a change of the window's size a frame later. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await expect.poll(() => sidewaysScroll(page)).toEqual([]);
}

function sidewaysScroll(page: Page): Promise<readonly string[]> {
  return page.evaluate(() =>
    [
      document.documentElement,
      ...document.querySelectorAll('.app, .content, .runs, .run-list, .run-detail, .top-bar'),
    ]
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => `${element.className} ${element.scrollWidth} > ${element.clientWidth}`),
  );
}
