import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HEALTH_TIMING } from '../../../electron/core/supervisor/health-watch.ts';
import { findSurvivors } from '../../../electron/core/supervisor/survivors.ts';
import { canTransition, pidOf } from '../../../shared/lifecycle.ts';
import { type Bench, type BenchOptions, bench, eventually, isAlivePid } from './harness.ts';

const open: Bench[] = [];
async function start(behaviour: string, options?: BenchOptions): Promise<Bench> {
  const made = await bench(behaviour, options);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.splice(0)) {
    await made.close();
    const helpers = made.log().includes('helper') ? made.helpers() : [];
    for (const pid of helpers) expect(isAlivePid(pid)).toBe(false);
    for (let index = 1; index < made.states.length; index += 1) {
      const from = made.states[index - 1]?.status ?? 'stopped';
      const to = made.states[index]?.status ?? 'stopped';
      expect(from === to || canTransition(from, to), `${from} → ${to}`).toBe(true);
    }
  }
});

function pid(made: Bench): number {
  const value = pidOf(made.process.state);
  if (value === null) throw new Error(`no pid in ${made.process.state.status}`);
  return value;
}

describe.skipIf(process.platform === 'win32')('a managed process', { timeout: 60_000 }, () => {
  it('becomes ready when it answers, is registered, and stop leaves nothing behind', async () => {
    const made = await start('slow');
    await made.process.start();
    expect(made.process.state).toMatchObject({ status: 'starting', attempt: 1 });
    const ready = await made.until('ready');
    expect(ready).toMatchObject({ bootMs: expect.any(Number) });
    await eventually('registered', () => made.registry.records.size === 1);
    const child = pid(made);
    await Promise.all([made.process.stop(), made.process.stop()]);
    expect(made.process.state.status).toBe('stopped');
    expect(isAlivePid(child)).toBe(false);
    expect(made.registry.records.size).toBe(0);
  });

  it('joins a start that is under way', async () => {
    const made = await start('slow');
    await Promise.all([made.process.start(), made.process.start()]);
    await made.until('ready');
    await made.process.start();
    expect(made.states.filter((state) => state.status === 'starting' && state.pid === null)).toHaveLength(1);
  });

  it('restarts after SIGKILL and says who did it', async () => {
    const made = await start('serve');
    await made.process.start();
    await made.until('ready');
    const first = pid(made);
    process.kill(first, 'SIGKILL');
    expect(await made.until('backing-off')).toMatchObject({
      failure: { cause: 'killed', signal: 'SIGKILL' },
      attempt: 2,
    });
    await made.until('ready');
    expect(pid(made)).not.toBe(first);
  });

  it('notices a hang (SIGSTOP), ends it and starts it again', async () => {
    const made = await start('serve');
    await made.process.start();
    await made.until('ready');
    const first = pid(made);
    process.kill(first, 'SIGSTOP');
    await made.until('unresponsive');
    expect(await made.until('backing-off')).toMatchObject({ failure: { cause: 'hang' } });
    await made.until('ready');
    expect(isAlivePid(first)).toBe(false);
  });

  it('is ready again, and the same process, when it answers again in time', async () => {
    const made = await start('serve', {
      policy: { health: { ...HEALTH_TIMING, watchMs: 100, retryMs: 100, probeMs: 300, failures: 2 } },
    });
    await made.process.start();
    await made.until('ready');
    const child = pid(made);
    process.kill(child, 'SIGSTOP');
    await made.until('unresponsive');
    process.kill(child, 'SIGCONT');
    await made.until('ready');
    expect(pid(made)).toBe(child);
  });

  it('stops a process that SIGSTOP holds, and one that ignores SIGINT and SIGTERM', async () => {
    for (const behaviour of ['serve', 'stubborn']) {
      const made = await start(behaviour);
      await made.process.start();
      await made.until('ready');
      const child = pid(made);
      if (behaviour === 'serve') process.kill(child, 'SIGSTOP');
      await made.process.stop();
      expect(isAlivePid(child)).toBe(false);
      if (behaviour === 'stubborn') {
        const stages = made.states.flatMap((state) => (state.status === 'stopping' ? [state.stage] : []));
        expect(new Set(stages)).toEqual(new Set(['interrupt', 'terminate', 'kill']));
      }
    }
  });

  it('ends helpers in its group and those that left it', async () => {
    const made = await start('helpers');
    await made.process.start();
    await made.until('ready');
    await eventually('two helpers', () => made.helpers().length === 2);
    expect(made.helpers().every(isAlivePid)).toBe(true);
    await made.process.stop();
    for (const helper of made.helpers()) expect(isAlivePid(helper)).toBe(false);
  });

  it('ends what a child left behind that forked and exited, and gives up in time', async () => {
    const made = await start('fork-and-exit');
    await made.process.start();
    expect(await made.until('failed')).toMatchObject({
      failure: { cause: 'clean-exit', exitCode: 0 },
      restarts: 3,
    });
    expect(made.helpers().length).toBe(4);
    for (const helper of made.helpers()) expect(isAlivePid(helper)).toBe(false);
  });

  it('does not repeat what can only fail again, and says what it was', async () => {
    const made = await start('crash');
    await made.process.start();
    expect(await made.until('failed')).toMatchObject({
      failure: { cause: 'driver', exitCode: 1 },
      restarts: 0,
    });
  });

  it('says that its program is not there', async () => {
    const made = await start('serve', { plan: { file: '/does/not/exist/python' } });
    await made.process.start();
    expect(made.process.state).toMatchObject({ status: 'failed', failure: { cause: 'spawn-failed' } });
  });

  it('gives up on a start that never answers', async () => {
    const made = await start('never', { policy: { readyTimeoutMs: 300, restartCrashed: false } });
    await made.process.start();
    expect(await made.until('failed')).toMatchObject({ failure: { cause: 'ready-timeout' } });
  });

  it('restarts at once what ended by itself while ready, even with restarts off', async () => {
    const made = await start('reboot-once', { argument: '1500', policy: { restartCrashed: false } });
    await made.process.start();
    await made.until('ready');
    await eventually('a second generation', () =>
      made.states.some((state) => state.status === 'starting' && state.attempt === 2),
    );
    await made.until('ready');
  });

  it('refuses a taken port and a plan with problems, and stays as it was', async () => {
    const made = await start('serve');
    const holder = net.createServer();
    await new Promise<void>((resolve) => holder.listen(made.port, '127.0.0.1', resolve));
    await expect(made.process.start()).rejects.toMatchObject({ code: 'port-in-use' });
    await new Promise((resolve) => holder.close(resolve));
    expect(made.process.state.status).toBe('stopped');
    const bad = await start('serve', { plan: { problems: [{ field: 'extraArgs', message: 'No.' }] } });
    await expect(bad.process.start()).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('diagnoses a port that was stolen before the bind, and retries', async () => {
    const made = await start('slow', {
      argument: '200',
      checkPort: async () => 'free',
      policy: { readyTimeoutMs: 8_000 },
    });
    // It accepts and never answers, as a foreign program may.
    const thief = net.createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => thief.listen(made.port, '127.0.0.1', resolve));
    await made.process.start();
    expect(await made.until('backing-off')).toMatchObject({ failure: { cause: 'port-in-use' } });
    await new Promise((resolve) => thief.close(resolve));
    await made.until('ready');
  });

  it('can be stopped while it starts and while it waits', async () => {
    const made = await start('never');
    await made.process.start();
    await made.process.stop();
    expect(made.process.state.status).toBe('stopped');
    const waiting = await start('clean-early', {
      policy: { restart: { baseMs: 600_000, mostMs: 600_000, stableMs: 1, mostRestarts: 5, mostStarts: 3 } },
    });
    await waiting.process.start();
    await waiting.until('backing-off');
    await waiting.process.stop();
    expect(waiting.process.state.status).toBe('stopped');
  });

  it.each(['garbage', 'spam'])('is not disturbed by %s on its output', async (behaviour) => {
    const made = await start(behaviour);
    await made.process.start();
    await made.until('ready');
  });

  it('is let go, found again, adopted and ended by the next control center', async () => {
    const made = await start('serve');
    await made.process.start();
    await made.until('ready');
    await eventually('registered', () => made.registry.records.size === 1);
    const child = pid(made);
    made.process.release();
    expect(isAlivePid(child)).toBe(true);
    const [survivor] = await findSurvivors(made.registry);
    if (survivor === undefined) throw new Error('nobody survived');
    const next = made.create();
    expect(await next.adopt({ ...survivor.record, startTime: 'another' })).toBe(false);
    expect(await next.adopt({ ...survivor.record, command: 'another' })).toBe(false);
    expect(await next.adopt(survivor.record)).toBe(true);
    expect(next.state).toMatchObject({ status: 'ready', pid: child, bootMs: null });
    await next.stop();
    expect(isAlivePid(child)).toBe(false);
    expect(next.state.status).toBe('stopped');
  });
});
