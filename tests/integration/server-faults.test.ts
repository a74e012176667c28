import http from 'node:http';
import { describe, expect, it } from 'vitest';
import { systemTable } from '../../electron/core/supervisor/process-table.ts';
import type { BehaviourScript } from '../../electron/simulator/script.ts';
import type { Center } from './support/center.ts';
import { FakeComfy, FakeSmi } from './support/fake-comfy.ts';
import { MASTER_ID, rosterOn } from './support/fleets.ts';
import { newPlace, startCenter } from './support/places.ts';
import { freePorts, kill } from './support/workplace.ts';

interface Stage {
  readonly center: Center;
  readonly comfy: FakeComfy;
  readonly port: number;
}

/** A fleet of as many servers as there are scripts, each with its own behaviour. */
async function stage(scripts: readonly BehaviourScript[], change = {}): Promise<Stage> {
  const place = newPlace();
  const comfy = new FakeComfy(place);
  await FakeSmi.create(place, scripts.length);
  const ports = await freePorts(scripts.length);
  place.write(await rosterOn(place.file('world'), ports, change), 'data', 'settings.json');
  for (const [index, script] of scripts.entries()) comfy.behave(script, ports[index]);
  const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
  return { center, comfy, port: ports[0] ?? 0 };
}

const picture = (center: Center, id = MASTER_ID) => center.invoke('instance.testPicture', { id });

describe('a server that dies', () => {
  it('at a step: its picture fails with words, and it comes back', async () => {
    const { center, comfy, port } = await stage([
      { checkpoints: ['tiny.safetensors'], crashOnStep: 2, lastWords: 'Killed by a bad node', stepMs: 100 },
    ]);
    const { pid } = await center.stateOf(MASTER_ID, 'ready');
    await picture(center);
    const failed = await center.instanceWhere(
      MASTER_ID,
      'tells of the failed picture',
      (instance) => instance.picture?.status === 'failed',
    );
    expect(failed.picture?.error).toMatch(/\w+ \w+/);
    await center.notice(/Master stopped by itself and is being restarted/);
    await center.notice(/Master is back/);
    expect((await center.stateOf(MASTER_ID, 'ready')).pid).not.toBe(pid);
    expect(comfy.starts(port)).toBe(2);
  });

  it('by SIGKILL: it comes back as another process, and its neighbour is left alone', async () => {
    const { center } = await stage([{}, {}]);
    const before = await center.allReady(2);
    kill(before.get(MASTER_ID) ?? 0, 'SIGKILL');
    await center.notice(/Master stopped by itself/);
    const after = await center.allReady(2);
    expect(after.get(MASTER_ID)).not.toBe(before.get(MASTER_ID));
    expect(after.get('worker-1')).toBe(before.get('worker-1'));
  });

  it('again and again: it is given up with its reason, and a start by hand works', async () => {
    const { center, comfy, port } = await stage([
      { exitBeforeReady: true, lastWords: 'RuntimeError: the flux capacitor is missing' },
    ]);
    const failed = await center.stateOf(MASTER_ID, 'failed', 60_000);
    expect(failed.failure.exitCode).toBe(1);
    expect(failed.failure.summary).toMatch(/\w+ \w+/);
    expect(failed.failure.lastLines.join('\n')).toContain('flux capacitor');
    expect(failed.restarts).toBeGreaterThan(0);
    expect(comfy.starts(port)).toBe(failed.restarts + 1);
    await center.notice(/Master failed/);
    comfy.behave({}, port);
    await center.invoke('instance.start', { id: MASTER_ID });
    await center.stateOf(MASTER_ID, 'ready');
  });

  it('is left where it fell when crashed servers are not to be restarted', async () => {
    const { center, comfy, port } = await stage([{ crashAfterMs: 200, exitCode: 3 }], {
      restartCrashed: false,
    });
    const failed = await center.stateOf(MASTER_ID, 'failed');
    expect(failed).toMatchObject({ restarts: 0, failure: { exitCode: 3 } });
    expect(comfy.starts(port)).toBe(1);
  });

  it('for want of GPU memory: the card says so', async () => {
    const { center } = await stage(
      [
        {
          crashAfterMs: 200,
          lastWords: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.',
        },
      ],
      { restartCrashed: false },
    );
    const { failure } = await center.stateOf(MASTER_ID, 'failed');
    expect(failure.cause).toBe('out-of-vram');
    expect(failure.summary).toMatch(/GPU memory/);
    expect(failure.remedy).toMatch(/\w/);
  });

  it('as a manager’s reboot does: it is restarted at once', async () => {
    const { center, comfy, port } = await stage([{ rebootAfterMs: 300 }]);
    const { pid } = await center.stateOf(MASTER_ID, 'ready');
    comfy.behave({}, port);
    await center.instanceWhere(
      MASTER_ID,
      'runs as another process',
      ({ process }) => process.status === 'ready' && process.pid !== pid,
    );
    expect(comfy.starts(port)).toBe(2);
  });

  it('at once, leaving the server to a detached child: it is given up with a reason', async () => {
    const { center, port } = await stage([{ forkAndExit: true }]);
    const { failure } = await center.stateOf(MASTER_ID, 'failed', 60_000);
    expect(failure.summary).toMatch(/ended by itself|is already in use/);
    // The detached child is found by its command line, which names our folder.
    const left = (await systemTable.list()).filter(({ command }) => command.includes(`--port ${port} `));
    expect(left).toEqual([]);
  });
});

describe('a server that does not answer', () => {
  it('when stopped or hung is unresponsive; a continued one is ready again, another can be restarted', async () => {
    const { center, comfy } = await stage([{}, { hangAfterMs: 300 }]);
    const pids = await center.allReady(2);
    const worker = await center.instance('worker-1');
    kill(pids.get(MASTER_ID) ?? 0, 'SIGSTOP');
    const [master, hung] = await Promise.all([
      center.stateOf(MASTER_ID, 'unresponsive', 60_000),
      center.stateOf('worker-1', 'unresponsive', 60_000),
    ]);
    expect([master.detail, hung.detail]).toEqual([
      expect.stringMatching(/^No answer for \d+ s$/),
      expect.stringMatching(/^No answer for \d+ s$/),
    ]);
    kill(pids.get(MASTER_ID) ?? 0, 'SIGCONT');
    expect((await center.stateOf(MASTER_ID, 'ready')).pid).toBe(pids.get(MASTER_ID));
    await center.notice(/Master responds again/);
    comfy.behave({}, worker.port);
    await center.invoke('instance.restart', { id: 'worker-1' });
    expect((await center.stateOf('worker-1', 'ready')).pid).not.toBe(pids.get('worker-1'));
  });

  it('and ignores every polite signal is ended all the same, within its bound', async () => {
    const { center } = await stage([{ ignoreSigterm: true }]);
    await center.stateOf(MASTER_ID, 'ready');
    const stopping = center.invoke('instance.stop', { id: MASTER_ID });
    await center.instanceWhere(
      MASTER_ID,
      'is killed',
      ({ process }) => process.status === 'stopping' && process.stage === 'kill',
    );
    await stopping;
    expect((await center.instance(MASTER_ID)).process.status).toBe('stopped');
  });

  it('within its time, or only with rubbish, is never shown ready, ended and given up', async () => {
    const { center } = await stage(
      [
        { bootMs: 60_000 },
        { garbageReplies: 'html' },
        { garbageReplies: 'binary' },
        { garbageReplies: 'truncated' },
        { garbageReplies: 'forbidden' },
      ],
      { readyTimeoutSeconds: 5, restartCrashed: false },
    );
    const seen = new Set<string>();
    center.control.events.on('fleet', ({ instances }) => {
      for (const { process } of instances) seen.add(process.status);
    });
    const { instances } = await center.fleetWhere('all have failed', (fleet) =>
      fleet.instances.every(({ process }) => process.status === 'failed'),
    );
    for (const { process } of instances) {
      expect(process).toMatchObject({ status: 'failed', failure: { cause: 'ready-timeout' } });
    }
    expect(seen.has('ready')).toBe(false);
  });
});

describe('a server that misbehaves', () => {
  it('prints rubbish and spam: it is served, logged and bounded', async () => {
    const { center } = await stage([{ garbageOutput: true }, { logLinesPerSecond: 5_000 }]);
    await center.allReady(2);
    await center.logSays('worker-1', /\[spam\] line \d{4,}/);
    await picture(center);
    await center.instanceWhere(
      MASTER_ID,
      'has made a picture',
      (instance) => instance.picture?.status === 'done',
    );
    for (const id of [MASTER_ID, 'worker-1']) {
      const page = await center.invoke('logs.read', { id, after: null, limit: 5_000, waitMs: 0 });
      expect(page.next - page.first).toBeLessThanOrEqual(10_000);
      expect(JSON.parse(JSON.stringify(page))).toEqual(page);
    }
  });

  it('is slow over the network: it becomes ready and makes its picture', async () => {
    const { center } = await stage([{ latencyMs: 300, bytesPerSecond: 20_000 }]);
    await center.stateOf(MASTER_ID, 'ready', 60_000);
    await picture(center);
    await center.instanceWhere(
      MASTER_ID,
      'has made a picture',
      (instance) => instance.picture?.status === 'done',
      60_000,
    );
  });

  it('runs out of memory or fails in a node: the picture says why, the server stays', async () => {
    const { center } = await stage([
      { checkpoints: ['tiny.safetensors'], vramTotal: 1_000_000 },
      { failNode: 'SaveImage' },
    ]);
    const pids = await center.allReady(2);
    for (const [id, words] of [
      [MASTER_ID, /memory/i],
      ['worker-1', /SaveImage/],
    ] as const) {
      await picture(center, id);
      const { picture: failed } = await center.instanceWhere(
        id,
        'tells of the failed picture',
        (instance) => instance.picture?.status === 'failed',
      );
      expect(failed?.error).toMatch(words);
    }
    expect(await center.allReady(2)).toEqual(pids);
  });

  it('is told by its extra arguments to compute on another GPU: the start is refused in words', async () => {
    const place = newPlace();
    const comfy = new FakeComfy(place);
    await FakeSmi.create(place, 2);
    const [port = 0] = await freePorts(1);
    const settings = await rosterOn(place.file('world'), [port, port + 1], { workers: [] });
    const master = { ...settings.master, extraArgs: '--cuda-device 1' };
    place.write({ ...settings, master }, 'data', 'settings.json');
    const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
    const told = await center.notice(/Master could not be started/);
    expect(told.detail).toMatch(/--cuda-device/);
  });
});

describe('a port that somebody else has', () => {
  it('before the start: the start is refused in words', async () => {
    const { center, comfy, port } = await stage([{}], { autoLaunch: false });
    const stranger = http.createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => stranger.listen(port, '127.0.0.1', resolve));
    try {
      const start = center.invoke('instance.start', { id: MASTER_ID });
      await expect(start).rejects.toMatchObject({ code: 'port-in-use' });
      expect(comfy.starts(port)).toBe(0);
    } finally {
      stranger.close();
    }
  });

  it('is stolen by a foreign ComfyUI between the look and the bind: ours is never shown ready', async () => {
    const { center, comfy, port } = await stage([{ bootMs: 1_500 }], {
      autoLaunch: false,
      restartCrashed: false,
    });
    const stats = { system: { comfyui_version: '0.33.0', argv: ['main.py', '--port', '8188'] }, devices: [] };
    const foreign = http.createServer((_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(stats));
    });
    const seen = new Set<string>();
    center.control.events.on('fleet', ({ instances }) => {
      for (const { process } of instances) seen.add(process.status);
    });
    await center.invoke('instance.start', { id: MASTER_ID });
    await new Promise<void>((resolve) => foreign.listen(port, '127.0.0.1', resolve));
    try {
      const { failure } = await center.stateOf(MASTER_ID, 'failed');
      expect(failure.cause).toBe('port-in-use');
      expect(comfy.starts(port)).toBe(1);
      expect(seen.has('starting')).toBe(true);
      expect(seen.has('ready')).toBe(false);
    } finally {
      foreign.close();
    }
  });
});
