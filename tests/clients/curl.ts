import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { at, list, until } from '../conformance/client.ts';
import { has, run, skipLoudly } from './programs.ts';
import { differentPictures, type Served } from './served.ts';

/** What a shell script does. */
export function curlClient(served: () => Served): void {
  it('queues, asks and fetches', async (context) => {
    if (!(await has('curl'))) return skipLoudly(context, 'there is no curl.');
    const { url, pictures, file, folder } = served();
    const workflow = await file();
    const body = path.join(await folder(), 'body.json');
    await writeFile(body, `{"prompt": ${await readFile(workflow.path, 'utf8')}}`);
    const curl = async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await run('curl', ['--silent', '--show-error', '--fail', ...args]);
      expect(stderr).toBe('');
      expect(code).toBe(0);
      return stdout;
    };
    const queued = JSON.parse(
      await curl('-H', 'Content-Type: application/json', '-d', `@${body}`, `${url}/prompt`),
    );
    const id = String(at(queued, 'prompt_id'));
    const history = await until('its history', async () => {
      const text = await curl(`${url}/history/${id}`);
      return text.includes(id) ? text : '';
    });
    expect(history).toContain(workflow.seed);
    const images = list(at(JSON.parse(history), id, 'outputs', '7', 'images'));
    expect(images).toHaveLength(pictures);
    const target = await folder();
    for (const [index, image] of images.entries())
      await curl(
        '-o',
        path.join(target, `${index}.png`),
        `${url}/view?${new URLSearchParams(Object(image))}`,
      );
    expect(await differentPictures(target)).toBe(pictures);
  });
}
