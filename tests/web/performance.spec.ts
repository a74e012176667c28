import { FLEETS } from './fixtures/fleets.ts';
import { expect, test } from './fixtures/test.ts';

// Generous bounds: they catch a list that renders everything, not a slow or busy machine. The annotations tell what was seen.
const RENDER_MS = 2000;
const CHANGE_MS = 2000;

test.describe('200 instances', () => {
  test.use({ scripted: { fleet: FLEETS.many(199) } });

  test('appear quickly', async ({ fleetPage, page }) => {
    await fleetPage.open();
    await page.keyboard.press('Alt+2');
    await page.locator('.fleet').waitFor({ state: 'detached' });
    const began = await page.evaluate(async () => {
      const start = performance.now();
      document.querySelector<HTMLButtonElement>('.rail-entry')?.click();
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return document.querySelector('.list-body') === null ? Infinity : performance.now() - start;
    });
    test.info().annotations.push({ type: 'render', description: `${began.toFixed(0)} ms` });
    expect(began).toBeLessThan(RENDER_MS);
  });

  test('keep few rows in the page while they scroll and telemetry comes', async ({
    fleetPage,
    page,
    center,
  }) => {
    await fleetPage.open();
    const ticker = setInterval(() => center.tick(), 200);
    const late = await page.evaluate(async () => {
      const scroller = document.querySelector('.fleet');
      const frames: number[] = [];
      let last = performance.now();
      for (let frame = 0; frame < 90; frame += 1) {
        scroller?.scrollBy(0, 60);
        await new Promise((resolve) => requestAnimationFrame(resolve));
        frames.push(performance.now() - last);
        last = performance.now();
      }
      return frames.filter((ms) => ms > 34).length / frames.length;
    });
    clearInterval(ticker);
    test.info().annotations.push({ type: 'late frames', description: `${(late * 100).toFixed(0)} %` });
    expect(await page.getByRole('row').count()).toBeLessThan(60);
  });
});

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
  test.info().annotations.push({ type: 'p95', description: `${delays[18]} ms` });
  expect(delays[18] ?? 0).toBeLessThan(CHANGE_MS);
});
