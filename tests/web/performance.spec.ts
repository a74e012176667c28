import type { Page } from '@playwright/test';
import { FLEETS } from './fixtures/fleets.ts';
import { expect, test } from './fixtures/test.ts';
import { ProcessorMeter, type ProcessorTime, words } from './processor-time.ts';

/** 60 frames/s leave 16.7 ms for each; half of it may be script. */
const FRAME_MS = 16.7;
const FRAME_SCRIPT_MS = 8;
const BATCH = 10;
const BATCHES = 12;
const LONGEST_BATCH_MS = 100;
const RENDER_MS = 300;
const LOADS = 3;
const CHANGE_MS = 100;

// A recorded trace takes part in every frame.
test.use({ trace: 'off' });

test.describe('200 instances', () => {
  test.use({ scripted: { fleet: FLEETS.many(199) } });

  test('are painted soon after a cold load', async ({ fleetPage, page }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    // The same renderer process serves the first page and the measured one.
    await page.route('**/blank', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">' }),
    );
    await page.goto(`${fleetPage.url}/blank`);
    const meter = await ProcessorMeter.attach(page);
    const loads: ProcessorTime[] = [];
    for (let load = 0; load < LOADS; load += 1) {
      const time = await meter.measure(async () => {
        await page.goto(fleetPage.url);
        await page.evaluate(listPainted);
      });
      test.info().annotations.push({ type: `load ${load + 1}`, description: words(time) });
      loads.push(time);
    }
    // Caches and cores that others use slow down even processor time: the best load tells about the page.
    const best = Math.min(...loads.map((time) => time.all));
    expect(best).toBeGreaterThan(0);
    expect(best).toBeLessThan(RENDER_MS);
  });

  test('scroll at 60 frames/s while telemetry comes, with few rows in the page', async ({
    fleetPage,
    page,
    center,
  }) => {
    await fleetPage.open();
    await page.evaluate(listPainted);
    const ticker = setInterval(() => center.tick(), 1000);
    const meter = await ProcessorMeter.attach(page);
    const batches: ProcessorTime[] = [];
    const time = await meter.measure(async () => {
      for (let batch = 0; batch < BATCHES; batch += 1) {
        batches.push(await meter.measure(() => scrollFrames(page)));
      }
    });
    clearInterval(ticker);
    test.info().annotations.push({ type: 'scroll frame', description: words(time, BATCH * BATCHES) });
    expect(await page.locator('.fleet').evaluate((fleet) => fleet.scrollTop)).toBeGreaterThan(5000);
    expect(await page.getByRole('row').count()).toBeLessThan(60);
    const script = batches.map((batch) => batch.script);
    expect(median(script) / BATCH).toBeLessThan(FRAME_SCRIPT_MS);
    expect(median(batches.map(({ all }) => all)) / BATCH).toBeLessThan(FRAME_MS);
    // Ten frames together below it: no single task of script can be longer.
    expect(Math.max(...script)).toBeLessThan(LONGEST_BATCH_MS);
  });
});

/** Runs in the page: resolves in the frame after the one that has the list. */
async function listPainted(): Promise<void> {
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('.list-body .list-row') === null) await frame();
  await frame();
}

/** Ten frames, each a row and a half: a fast turn of the wheel. */
async function scrollFrames(page: Page): Promise<void> {
  await page.evaluate(async (count) => {
    const scroller = document.querySelector('.fleet');
    for (let frame = 0; frame < count; frame += 1) {
      scroller?.scrollBy(0, 60);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, BATCH);
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

test('a change is on the page at once', async ({ fleetPage, page, center }) => {
  await fleetPage.open();
  await page.evaluate(() => {
    const record = window as unknown as { seen: number[] };
    record.seen = [];
    new MutationObserver(() => record.seen.push(Date.now())).observe(document.body, {
      subtree: true,
      attributes: true,
      attributeFilter: ['aria-label'],
    });
  });
  const delays: number[] = [];
  for (let queue = 1; queue <= 20; queue += 1) {
    const before = await page.evaluate(() => (window as unknown as { seen: number[] }).seen.length);
    const sent = Date.now();
    center.change('worker-1', { queue });
    await page.waitForFunction(
      (count) => (window as unknown as { seen: number[] }).seen.length > count,
      before,
    );
    const at = await page.evaluate(() => (window as unknown as { seen: number[] }).seen.at(-1) ?? 0);
    delays.push(at - sent);
  }
  delays.sort((left, right) => left - right);
  test.info().annotations.push({
    type: 'change to page',
    description: `median ${delays[10]} ms, p95 ${delays[18]} ms`,
  });
  // Wall time: on a shared machine only the better half tells about the page.
  expect(delays[9] ?? Infinity).toBeLessThan(CHANGE_MS);
});
