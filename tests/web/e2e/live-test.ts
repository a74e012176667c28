import { type Browser, test as base, type Page } from '@playwright/test';
import { expect, watchConsole } from '../fixtures/test.ts';
import { FleetPage } from '../pages/fleet-page.ts';
import { RealHost } from './real-host.ts';

export { expect };

interface LiveFixtures {
  /** A signed-in page whose console must stay clean. */
  readonly live: FleetPage;
  /** Complaints of the page that a test expects, e.g. of a connection that it cuts. */
  readonly tolerated: RegExp;
}

/** Started once per file: its tests share it, and each begins with a fleet that is ready. */
export const test = base.extend<LiveFixtures, { readonly host: RealHost }>({
  host: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from this pattern.
    async ({}, use) => {
      const host = await RealHost.start();
      await use(host);
      await host.stop();
    },
    { scope: 'worker', timeout: 180_000 },
  ],
  tolerated: [/^$/, { option: true }],
  live: async ({ page, host, tolerated }, use) => {
    await host.makeReady();
    const complaints = watchConsole(page);
    await use(await signIn(page, host));
    const unexpected = complaints.filter((text) => !tolerated.test(text));
    expect(unexpected, 'the console stays clean').toEqual([]);
  },
});

async function signIn(page: Page, host: RealHost): Promise<FleetPage> {
  const fleetPage = new FleetPage(page, await host.link());
  await fleetPage.open();
  return fleetPage;
}

/** A browser that has never been here. */
export async function strangersPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext();
  return context.newPage();
}
