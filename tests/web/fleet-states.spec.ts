import type { Page } from '@playwright/test';
import { FLEETS } from './fixtures/fleets.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';

const STATES = {
  ready: FLEETS.ready,
  empty: FLEETS.empty,
  starting: FLEETS.starting,
  busy: FLEETS.busy,
  failing: FLEETS.failing,
  'many-20': FLEETS.many(20),
  'many-200': FLEETS.many(200),
} as const;

for (const [name, scripted] of Object.entries(STATES)) {
  for (const theme of ['dark', 'light'] as const) {
    test.describe(`${name}, ${theme}`, () => {
      test.use({ scripted: { fleet: scripted } });
      test('is accessible and looked at', async ({ fleetPage, page }) => {
        await fleetPage.open(theme);
        await expect(fleetPage.card('Master')).toBeVisible();
        await expect(page.locator('.sparkline-line').first()).toBeAttached();
        await screenshot(page, `fleet-${name}-${theme}`);
        await expectAccessible(page);
      });
    });
  }
}

test.describe('small windows', () => {
  for (const [name, scripted] of Object.entries(STATES)) {
    test.describe(name, () => {
      test.use({ scripted: { fleet: scripted }, viewport: { width: 900, height: 640 } });
      test('fits 900 × 640 and 200 % zoom', async ({ fleetPage, page }) => {
        await fleetPage.open();
        await expectNoSidewaysScroll(page);
        await screenshot(page, `small-${name}`);
        // Zooming to 200 % halves the CSS pixels of the window.
        await page.setViewportSize({ width: 450, height: 320 });
        await expectNoSidewaysScroll(page);
        await screenshot(page, `zoomed-${name}`);
        await expectAccessible(page);
      });
    });
  }
});

/** The layout follows a change of the window's size a frame later. */
async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const overflow = () =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('.app, .content, .fleet, .top-bar, .card')]
        .filter((element) => element.scrollWidth > element.clientWidth + 1)
        .map((element) => `${element.className} ${element.scrollWidth} > ${element.clientWidth}`),
    );
  await expect.poll(overflow).toEqual([]);
}
