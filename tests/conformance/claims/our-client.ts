import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { InstanceMonitor } from '../../../electron/core/comfy/monitor.ts';
import { TestPictureRunner } from '../../../electron/core/comfy/test-picture.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { decodePng } from '../../../electron/simulator/png-decode.ts';
import type { TestPicture } from '../../../shared/model.ts';
import { until } from '../client.ts';
import type { Subject } from '../subject.ts';

/** The monitor and the test picture, end to end. */
export function ourClientClaims(subject: () => Subject): void {
  it('makes a test picture and shows how it comes about', async () => {
    const { url } = subject().server;
    const directory = await mkdtemp(path.join(tmpdir(), 'test-pictures-'));
    const deps = { clock: systemClock, logger: silentLogger, random: Math.random };
    const monitor = new InstanceMonitor({ url, ...deps });
    const runner = new TestPictureRunner({ directory, ...deps });
    try {
      await monitor.probe(new AbortController().signal);
      monitor.start();
      await until('link and socket', () => monitor.value.link.status === 'up' && monitor.clientId !== null);
      expect(monitor.value.server?.comfyuiVersion).toBe(subject().version);
      const pictures: TestPicture[] = [];
      const titles = new Set<string>();
      let previews = 0;
      monitor.onChange(({ activity, preview }) => {
        if (activity?.ours && activity.nodeTitle !== null) titles.add(activity.nodeTitle);
        previews = Math.max(previews, preview);
      });
      const target = { id: 'w', name: 'W', address: { url }, cpu: true, monitor };
      const id = await runner.queue(target, (picture) => pictures.push(picture));
      await until('the end', () => ['done', 'failed'].includes(pictures.at(-1)?.status ?? ''));
      expect(pictures.at(-1)).toMatchObject({ status: 'done', error: null });
      expect(pictures.some(({ status, step }) => status === 'running' && (step ?? 0) > 0)).toBe(true);
      expect(titles).toContain('Save picture');
      const { width } = decodePng(await readFile(runner.file(id) ?? ''));
      const sampled = pictures.at(-1)?.workflow === 'txt2img';
      expect(width).toBe(sampled ? 256 : 512);
      if (sampled) expect(previews).toBeGreaterThan(0);
      await until(
        'the end of the activity',
        () => monitor.value.activity === null && monitor.value.queue === 0,
      );
      expect(monitor.value.lastRunAt).not.toBeNull();
    } finally {
      runner.close();
      monitor.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
}
