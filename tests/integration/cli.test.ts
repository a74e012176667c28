import { describe, expect, it } from 'vitest';
import { distFile } from '../setup/dist.ts';
import { MASTER_ID, prepareDemo, QUICK } from './support/fleets.ts';
import { Program, runCli } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';
import { until } from './support/until.ts';

describe('the command line, beside a running control center', () => {
  it('shows, starts, stops, follows and examines it', async () => {
    const place = newPlace();
    const ports = await prepareDemo(place, 2);
    const host = await startHost(place, { args: ['--demo=2'], environment: QUICK });
    await host.allReady(2);
    const cli = async (...args: readonly string[]) => runCli(place, args).ended;

    const status = await cli('status');
    expect(status).toMatchObject({ code: 0, stderr: '' });
    expect(status.stdout).toMatch(/2 of 2 ready[\s\S]*Master[\s\S]*Worker 1/);
    expect(JSON.parse((await cli('status', '--json')).stdout).instances).toHaveLength(2);
    expect(JSON.parse((await cli('gpus', '--json')).stdout)).toMatchObject({
      inventory: { status: 'ok' },
      gpus: [{ index: 0, simulated: true }, { index: 1 }],
    });
    expect(await cli('stop', 'Worker 1')).toMatchObject({ code: 0, stdout: 'Worker 1: stopped.\n' });
    expect((await host.instance('worker-1')).process.status).toBe('stopped');
    expect(await cli('start', 'worker-1')).toMatchObject({ code: 0 });
    const before = await host.allReady(2);
    expect(await cli('restart', '--all')).toMatchObject({ code: 0 });
    const after = await host.allReady(2);
    expect([...after.values()].some((pid) => [...before.values()].includes(pid))).toBe(false);
    expect((await cli('stop', 'worker-7')).stderr).toContain('There is no instance “worker-7”.');
    expect((await cli('stop', 'worker-7')).code).toBe(1);
    expect((await cli('stpo', '--all')).code).toBe(2);
    expect(JSON.parse((await cli('open', '--json', '--no-open')).stdout).url).toContain(
      new URL(host.announcement.url).origin,
    );

    const doctor = JSON.parse((await cli('doctor', '--json')).stdout);
    const about = doctor.findings.filter(({ topic }: { topic: string }) => topic === 'ports');
    expect(about.map(({ text }: { text: string }) => text)).toEqual([
      `Port ${ports[0]} (Master) is in use by Comfy Ensemble.`,
      `Port ${ports[1]} (Worker 1) is in use by Comfy Ensemble.`,
      expect.stringMatching(/\(the page\) is in use by Comfy Ensemble\.$/),
    ]);

    const follow = runCli(place, ['logs', MASTER_ID, '-f']);
    await until('the log is there', () => follow.stdout.includes('Starting server'));
    await host.invoke('instance.testPicture', { id: MASTER_ID });
    await until('the new line comes', () => follow.stdout.includes('got prompt'));
    follow.child.kill('SIGINT');
    const { code, signal } = await follow.ended;
    expect(code === 0 || code === 130 || signal === 'SIGINT').toBe(true);
  });
});

describe('the command line without a control center', () => {
  it('says so with exit code 4, and examines the machine by itself', async () => {
    const place = newPlace();
    const status = await runCli(place, ['status']).ended;
    expect(status).toMatchObject({ code: 4, stdout: '' });
    expect(status.stderr).toContain(`No control center is running on ${place.data}.`);
    const doctor = await runCli(place, ['doctor', '--json']).ended;
    expect(JSON.parse(doctor.stdout).findings.length).toBeGreaterThan(5);
  });

  it('serves one by itself, in one JSON line, and ends with it', async () => {
    const place = newPlace();
    await prepareDemo(place, 2);
    const args = ['serve', '--demo=2', '--no-open', '--json', '--port', '0', '--data', place.data];
    const served = Program.run(distFile('cli.cjs'), args, place.environment(QUICK));
    await until('the line is printed', () => served.stdout.includes('\n'));
    const { url, pid } = JSON.parse(served.stdout);
    expect(Number(new URL(url).port)).toBeGreaterThan(0);
    expect(pid).not.toBe(served.child.pid);
    served.child.kill('SIGTERM');
    expect((await served.ended).code).toBe(0);
    await place.untilEmpty(5_000);
  });
});
