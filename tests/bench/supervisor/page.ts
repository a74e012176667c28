import { chromium, type Page } from 'playwright';
import { MASTER_ID } from '../../../shared/model.ts';
import { BenchHost } from '../support/host.ts';
import { quantile, type Report } from '../support/report.ts';
import { allReady } from './boot.ts';

const CHANGES = 40;

/** From a change in the control center to the changed pixel's element on the page. */
export async function measurePage(report: Report, data: string): Promise<void> {
  const host = await BenchHost.start(data, ['--demo=4']);
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    await host.until((fleet) => fleet.instances.length === 4 && allReady(fleet), 60_000);
    const page = await browser.newPage();
    await page.goto(host.url);
    await page.getByText('Worker 3').first().waitFor();
    await watchModeBadge(page);
    const delays: number[] = [];
    for (let change = 0; change < CHANGES; change += 1) {
      const sent = Date.now();
      await host.invoke('instance.select', { id: MASTER_ID, selected: change % 2 === 1 });
      delays.push((await nextChange(page)) - sent);
    }
    report.atMost('state change on the page, p95', quantile(delays, 0.95), 100, 'ms');
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** Notes the time of every change of the document's text, as the page sees it. */
async function watchModeBadge(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: number[] = [];
    let last = '';
    const look = (): void => {
      const text = document.body.innerText.match(/Master (participating|disabled|fallback)[^\n]*/)?.[0] ?? '';
      if (text !== last) times.push(Date.now());
      last = text;
    };
    look();
    times.length = 0;
    new MutationObserver(look).observe(document.body, {
      childList: true,
      subtree: true,
      characterData: true,
    });
    Object.assign(globalThis, { modeChanges: times });
  });
}

/** Resolves to the page's clock (the same machine's) when the next change was seen. */
async function nextChange(page: Page): Promise<number> {
  const handle = await page.waitForFunction(
    () => (Reflect.get(globalThis, 'modeChanges') as number[]).shift(),
    null,
    {
      polling: 5,
    },
  );
  return (await handle.jsonValue()) as number;
}
