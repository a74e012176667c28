import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFileServer } from '../../electron/core/file-server.ts';
import { artifact } from './fixtures/runs.ts';
import { expect, expectAccessible, screenshot, test } from './fixtures/test.ts';
import { toneWav } from './fixtures/wav.ts';
import { WORK } from './fixtures/work.ts';

test('plays a sound, and goes to any place in it without loading it anew', async ({
  fleetPage,
  page,
  center,
}) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ensemble-sound-'));
  const file = path.join(folder, 'tone.wav');
  // Long enough that no browser takes all of it at once.
  await writeFile(file, toneWav(1_200));
  center.serveFile = createFileServer({
    preview: () => null,
    picture: () => null,
    thumbnail: async () => null,
    artifact: (id) => (id === 'tone' ? { path: file, mime: 'audio/wav' } : null),
    log: () => null,
  });
  const url = '/files/artifacts/tone.wav';
  center.work = {
    ...WORK.finished(),
    artifacts: [artifact('done', 0, { id: 'tone', kind: 'audio', name: 'night/tone.wav', url })],
  };
  const answers: { readonly status: number; readonly range: string }[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith(url)) return;
    answers.push({ status: response.status(), range: response.headers()['content-range'] ?? '' });
  });
  await fleetPage.open();
  await page.keyboard.press('Alt+3');
  await page.getByRole('button', { name: /^Open tone\.wav/ }).click();
  const sound = page.getByRole('dialog', { name: 'tone.wav' }).locator('audio');
  await expect.poll(() => sound.evaluate((element) => (element as HTMLAudioElement).duration)).toBe(1_200);
  await screenshot(page, 'viewer-sound');
  await expectAccessible(page);
  await sound.evaluate((element) => (element as HTMLAudioElement).play());
  const time = () => sound.evaluate((element) => (element as HTMLAudioElement).currentTime);
  await expect.poll(time).toBeGreaterThan(0.2);
  await sound.evaluate((element) => {
    (element as HTMLAudioElement).currentTime = 1_100;
  });
  await expect.poll(time).toBeGreaterThan(1_100.2);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([206]));
  // The last answer begins near the place, not at the start.
  const start = Number(/^bytes (\d+)-/.exec(answers.at(-1)?.range ?? '')?.[1]);
  expect(start).toBeGreaterThan(1_000 * 16_000);
  await page.keyboard.press('Escape');
  await rm(folder, { recursive: true, force: true });
});
