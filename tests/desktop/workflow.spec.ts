import path from 'node:path';
import { photograph } from './support/electron.ts';
import { expect, test } from './support/test.ts';
import { GPUS } from './support/world.ts';

test('a workflow runs in the window, and its pictures are there', async ({ launch }) => {
  const desktop = await launch();
  await desktop.allReady();
  const { page } = desktop;
  await page.keyboard.press('Control+Enter');
  const dialog = page.getByRole('dialog', { name: 'Run workflow' });
  await dialog
    .getByLabel('Workflow file from this computer')
    .setInputFiles(path.resolve('examples', 'distributed-txt2img.json'));
  const run = dialog.getByRole('button', { name: `Run ${GPUS} shards` });
  await expect(run).toBeEnabled();
  await run.click();
  const detail = page.getByRole('region', { name: 'Run distributed-txt2img', exact: true });
  await expect(detail.getByText(`${GPUS} of ${GPUS} shards`)).toBeVisible({ timeout: 90_000 });
  const pictures = detail.locator('.tile img');
  await expect(pictures).toHaveCount(GPUS);
  for (const picture of await pictures.all()) {
    await expect
      .poll(() => picture.evaluate((element) => (element as HTMLImageElement).naturalWidth))
      .toBeGreaterThan(0);
  }
  // The page opened before the fleet was there.
  await expect(page.getByText('The fleet is still being set up.')).toHaveCount(0);
  photograph('workflow');

  // Whole in the viewer, out of our own protocol, and in parts for whoever wants parts.
  await detail.getByRole('button', { name: /^Open .* of shard 0$/ }).click();
  const large = page.getByRole('dialog').getByRole('img').first();
  await expect.poll(() => large.evaluate((element) => (element as HTMLImageElement).naturalWidth)).toBe(512);
  const answers = await large.evaluate(async (element) => {
    const { src } = element as HTMLImageElement;
    const whole = new Uint8Array(await (await fetch(src)).arrayBuffer());
    const part = await fetch(src, { headers: { range: 'bytes=10-19' } });
    const beyond = await fetch(src, { headers: { range: `bytes=${whole.length}-` } });
    const bytes = new Uint8Array(await part.arrayBuffer());
    return {
      src,
      part: [part.status, part.headers.get('content-range'), [...bytes].join()],
      expected: [206, `bytes 10-19/${whole.length}`, [...whole.subarray(10, 20)].join()],
      beyond: beyond.status,
    };
  });
  expect(answers.src).toMatch(/^app:\/\/ensemble\/files\/artifacts\//);
  expect(answers.part).toEqual(answers.expected);
  expect(answers.beyond).toBe(416);
  photograph('workflow-viewer');

  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+3');
  await expect(page.getByRole('list', { name: 'Files' }).getByRole('listitem')).toHaveCount(GPUS);
  photograph('workflow-gallery');
});
