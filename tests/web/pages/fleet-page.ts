import type { Locator, Page } from '@playwright/test';

/** The fleet view as a person finds its parts. */
export class FleetPage {
  constructor(
    readonly page: Page,
    readonly url: string,
  ) {}

  async open(theme: 'light' | 'dark' = 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
    await this.page.goto(this.url);
    await this.page.getByRole('heading', { name: 'Fleet', exact: true }).waitFor({ state: 'attached' });
  }

  card(name: string): Locator {
    return this.page.getByRole('article', { name: new RegExp(`^${name},`) });
  }

  row(name: string): Locator {
    return this.page.getByRole('row', { name: new RegExp(`^${name},`) });
  }

  async openMenu(name: string): Promise<Locator> {
    await this.page.getByRole('button', { name: `Actions for ${name}` }).click();
    return this.page.getByRole('menu');
  }
}
