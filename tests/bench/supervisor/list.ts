import { chromium, type Page } from 'playwright';
import { FakeControlCenter } from '../../web/fake-control-center.ts';
import { FLEETS } from '../../web/fixtures/fleets.ts';
import { ProcessorMeter } from '../support/processor-time.ts';
import { quantile, type Report } from '../support/report.ts';

const INSTANCES = 200;
const LOADS = 5;
const BATCHES = 30;
const FRAMES = 10;
/** 60 frames/s. */
const FRAME_MS = 1000 / 60;

/**
 * The page with 200 instances, in processor time of its main thread: painting here is done by software, and what other
 * programs take must not count.
 */
export async function measureList(report: Report): Promise<void> {
  const center = await FakeControlCenter.start(FLEETS.many(INSTANCES - 1)());
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    const meter = await ProcessorMeter.attach(page);
    const loads: number[] = [];
    for (let load = 0; load < LOADS; load += 1) {
      const { all } = await meter.measure(async () => {
        await page.goto(center.url);
        await page.evaluate(listPainted);
      });
      loads.push(all);
    }
    // The first load compiles the scripts; the page is opened once, so that it counts.
    report.atMost(`first render of ${INSTANCES} instances`, loads[0] ?? Number.NaN, 300, 'ms');
    const ticker = setInterval(() => center.tick(), 1000);
    const frames: number[] = [];
    for (let batch = 0; batch < BATCHES; batch += 1) {
      const { all } = await meter.measure(() => scrollFrames(page));
      frames.push(all / FRAMES);
    }
    clearInterval(ticker);
    report.atMost('one frame while scrolling them, p95', quantile(frames, 0.95), FRAME_MS, 'ms');
  } finally {
    await browser.close();
    await center.close();
  }
}

/** Runs in the page: resolves in the frame after the one that has the list. */
async function listPainted(): Promise<void> {
  const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
  while (document.querySelector('.list-body .list-row') === null) await frame();
  await frame();
}

async function scrollFrames(page: Page): Promise<void> {
  await page.evaluate(async (count) => {
    const scroller = document.querySelector('.fleet');
    for (let frame = 0; frame < count; frame += 1) {
      scroller?.scrollBy(0, 60);
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, FRAMES);
}
