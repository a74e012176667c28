import type { Locator, Page } from '@playwright/test';

/** The worker dialog as a person opens and fills it. */

export async function openTab(page: Page, name: 'Remote' | 'Cloud'): Promise<Locator> {
  await page
    .getByRole('button', { name: /Add worker/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog', { name: 'Add a worker' });
  await dialog.getByRole('tab', { name }).click();
  return dialog;
}

/** As a person pastes: in one piece, over what is there. */
export async function paste(page: Page, field: Locator, text: string): Promise<void> {
  await field.fill('');
  await field.evaluate((input: HTMLInputElement, pasted) => {
    input.dispatchEvent(new ClipboardEvent('paste', { bubbles: true }));
    document.execCommand('insertText', false, pasted);
  }, text);
  await page.waitForFunction(() => document.activeElement?.tagName === 'INPUT');
}
