import { describe, expect, it } from 'vitest';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';

describe('workers on other machines, from the command line', () => {
  it('are tested, added, switched off and removed', async () => {
    const there = newPlace();
    const [port = 0] = await prepareDemo(there, 1);
    const other = await startHost(there, { args: ['--demo=1'], environment: QUICK });
    await other.allReady(1);
    const here = newPlace();
    await prepareDemo(here, 1);
    const host = await startHost(here, { args: ['--demo=1'], environment: QUICK });
    await host.allReady(1);
    const cli = async (...args: readonly string[]) => runCli(here, ['workers', ...args]).ended;
    const listed = async () => JSON.parse((await cli('list', '--json')).stdout);

    const tested = await cli('test', `http://127.0.0.1:${port}/`);
    expect(tested.stdout).toMatch(/✓ Reachable[\s\S]*✓ ComfyUI[\s\S]*✓ Files there and back/);
    expect(tested).toMatchObject({ code: 0, stderr: '' });
    const added = await cli('add', `127.0.0.1:${port}`, '--name', 'Next door', '--test', '--json');
    expect(added).toMatchObject({ code: 0, stderr: '' });
    await until('its ladder is climbed', async () => (await listed())[0]?.readiness?.done === true);
    expect(await listed()).toMatchObject([
      { name: 'Next door', type: 'remote', state: 'Ready', url: `http://127.0.0.1:${port}` },
    ]);
    expect((await cli('add', `127.0.0.1:${port}`)).stderr).toContain('is Next door already.');

    expect((await cli('edit', 'next door', '--disable')).code).toBe(0);
    expect(await listed()).toMatchObject([{ state: 'Disabled', selected: false }]);
    expect((await cli('edit', 'Next door', '--enable', '--bearer-env', 'ENSEMBLE_TEST_NOT_SET')).code).toBe(
      2,
    );
    await other.end('SIGTERM');
    const gone = await cli('test', 'Next door');
    expect(gone.code).toBe(1);
    expect(gone.stdout).toMatch(/✗ Reachable[\s\S]*python main\.py --listen[\s\S]*– Models +Not tried/);
    expect((await cli('remove', 'Next door')).stdout).toBe('Next door is removed.\n');
    expect(await listed()).toEqual([]);
  });
});
