import { FLEETS } from './fixtures/fleets.ts';
import { expect, test } from './fixtures/test.ts';

/** What the page costs is measured by `npm run bench -- supervisor`; here only what makes it cheap. */
test.use({ scripted: { fleet: FLEETS.many(199) } });

test('200 instances scroll with few rows in the page', async ({ fleetPage, page }) => {
  await fleetPage.open();
  await page.locator('.list-body .list-row').first().waitFor();
  const scroller = page.locator('.fleet');
  for (let turn = 1; turn <= 20; turn += 1) {
    await scroller.evaluate((fleet) => fleet.scrollBy(0, 400));
    await expect(page.locator('.list-body .list-row').first()).toBeVisible();
    expect(await page.getByRole('row').count()).toBeLessThan(60);
  }
  expect(await scroller.evaluate((fleet) => fleet.scrollTop)).toBeGreaterThan(5000);
});
