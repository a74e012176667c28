import { existsSync } from 'node:fs';
import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { MASTER_ID, prepareDemo, QUICK } from './support/fleets.ts';
import { runHeadless } from './support/host.ts';
import { newPlace, startHost } from './support/places.ts';

describe('the demo fleet of a headless control center', () => {
  it('comes up whole: roster, ports, devices, placement; SIGTERM leaves nothing behind', async () => {
    const place = newPlace();
    const ports = await prepareDemo(place, 3);
    const host = await startHost(place, { args: ['--demo=3'], environment: QUICK });
    expect(Object.keys(host.announcement)).toEqual(['url', 'token', 'gateway', 'pid', 'data']);
    expect(host.announcement).toMatchObject({ pid: host.program.child.pid, data: place.data });
    expect(host.announcement.gateway).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);

    await host.allReady(3);
    const fleet = await host.fleetWhere('every placement is verified', ({ instances }) =>
      instances.every(({ placement }) => placement.status === 'verified'),
    );
    expect(fleet.setup).toEqual({ status: 'demo', gpus: 3 });
    expect(fleet).toMatchObject({ mode: 'participating', masterParticipates: true });
    expect(fleet.gpuInventory.status).toBe('ok');
    expect(fleet.gpus).toHaveLength(3);
    expect(fleet.instances.map(({ id, role, name, port }) => ({ id, role, name, port }))).toEqual([
      { id: 'master', role: 'master', name: 'Master', port: ports[0] },
      { id: 'worker-1', role: 'worker', name: 'Worker 1', port: ports[1] },
      { id: 'worker-2', role: 'worker', name: 'Worker 2', port: ports[2] },
    ]);
    for (const [index, instance] of fleet.instances.entries()) {
      expect(instance).toMatchObject({ selected: true, simulated: true, control: 'managed', type: 'local' });
      expect(instance.placement).toEqual({ status: 'verified', gpuUuid: fleet.gpus[index]?.uuid });
      expect(instance.link.status).toBe('up');
    }

    const ended = await host.end('SIGTERM');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout.trimEnd().split('\n')).toHaveLength(1);
    await place.untilEmpty(5_000);
    expect(existsSync(place.file('data', 'control.json'))).toBe(false);
  });

  it('populates a fresh demo by itself on ports that are free, once', async () => {
    const place = newPlace();
    place.write({ version: 1, autoLaunch: false }, 'data', 'settings.json');
    const host = await startHost(place, { args: ['--demo=2'] });
    const { instances } = await host.fleetWhere(
      'the roster is there',
      (fleet) => fleet.instances.length === 2,
    );
    const ports = instances.map(({ port }) => port);
    expect(ports[0]).toBeGreaterThanOrEqual(8188);
    expect(new Set(ports).size).toBe(2);
    await host.invoke('worker.remove', { id: 'worker-1' });
    await host.end('SIGTERM');

    const again = await startHost(place, { args: ['--demo=2'] });
    await again.fleetWhere('the roster is there', (fleet) => fleet.instances.length > 0);
    expect((await again.snapshot()).instances.map(({ id }) => id)).toEqual([MASTER_ID]);
  });

  it('stops the master’s part and a worker by their checkboxes', async () => {
    const place = newPlace();
    await prepareDemo(place, 2, { autoLaunch: false });
    const host = await startHost(place, { args: ['--demo=2'], environment: QUICK });
    await host.fleetWhere('the roster is there', (fleet) => fleet.instances.length === 2);
    await host.invoke('instance.select', { id: 'worker-1', selected: false });
    await host.invoke('fleet.setParticipation', { participate: false });
    const { instances, mode, masterParticipates } = await host.snapshot();
    expect(instances.map(({ selected }) => selected)).toEqual([false, false]);
    expect({ mode, masterParticipates }).toEqual({ mode: 'fallback', masterParticipates: false });
  });

  it('makes a test picture with steps, a preview and a file, and pages them over HTTP', async () => {
    const place = newPlace();
    await prepareDemo(place, 1);
    const host = await startHost(place, { args: ['--demo=1'], environment: QUICK });
    await host.allReady(1);
    const { pictureId } = await host.invoke('instance.testPicture', { id: MASTER_ID });
    const { picture, imagesPerMinute } = await host.instanceWhere(
      MASTER_ID,
      'shows its picture',
      (instance) => instance.picture?.status === 'done',
    );
    expect(picture).toMatchObject({ id: pictureId, error: null, url: `/files/pictures/${pictureId}.png` });
    expect(imagesPerMinute).toBeGreaterThan(0);
    const png = await get(host.client.fileUrl(picture?.url ?? ''), host.announcement.token);
    expect(png.status).toBe(200);
    expect(png.type).toBe('image/png');
    expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
    const log = await get(host.client.fileUrl(`/files/logs/${MASTER_ID}.txt`), host.announcement.token);
    expect(log.bytes.toString()).toContain('Starting server');
    // A page that was told of the last frame may ask for it after the run's end.
    const frame = await get(host.client.fileUrl(`/files/previews/${MASTER_ID}`), host.announcement.token);
    expect(frame).toMatchObject({ status: 200, type: 'image/png' });
    expect((await get(host.client.fileUrl(picture?.url ?? ''), 'wrong')).status).toBe(401);
  });
});

describe('a command line that cannot be obeyed', () => {
  it('names the port that is taken, once, and leaves nothing', async () => {
    const place = newPlace();
    const stranger = http.createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const address = stranger.address();
    const port = typeof address === 'object' ? address?.port : null;
    try {
      const { code, stdout, stderr } = await runHeadless(place, {
        args: ['--port', String(port), '--demo=1'],
      }).ended;
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(`Port ${port} is`);
      expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
      expect(existsSync(place.file('data', 'control.json'))).toBe(false);
    } finally {
      stranger.close();
    }
  });

  it.each([
    [['--demo=0'], '--demo takes a whole number from 1 to 64, not “0”.'],
    [['--port', 'x'], '--port takes a whole number from 0 to 65535, not “x”.'],
    [['--dmeo'], 'Did you mean --demo?'],
    [['surplus'], 'surplus'],
  ])('refuses %j with exit code 2', async (args, sentence) => {
    const place = newPlace();
    const { code, stdout, stderr } = await runHeadless(place, { args }).ended;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
  });

  it('refuses a second control center on the same data directory and names the first', async () => {
    const place = newPlace();
    await prepareDemo(place, 1, { autoLaunch: false });
    const host = await startHost(place, { args: ['--demo=1'] });
    const { code, stdout, stderr } = await runHeadless(place, { args: ['--demo=1'] }).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`process ${host.pid} at ${new URL(host.announcement.url).origin}`);
    expect((await host.invoke('system.info', {})).pid).toBe(host.pid);
  });
});

function get(url: string, token: string): Promise<{ status: number; type: string; bytes: Buffer }> {
  return new Promise((resolve, reject) => {
    http
      .get(url, { headers: { authorization: `Bearer ${token}` } }, async (response) => {
        const bytes = Buffer.concat(await response.toArray());
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', bytes });
      })
      .on('error', reject);
  });
}
