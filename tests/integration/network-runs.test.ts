import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { conditionOf } from '../../shared/condition.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { DEFAULT_RUN_OPTIONS, isFinished, type RunDetail } from '../../shared/runs.ts';
import { SELF_SIGNED } from '../support/certificates.ts';
import { TlsProxy, type TlsProxyOptions } from '../support/tls-proxy.ts';
import { BlackHole } from '../unit/comfy/black-hole.ts';
import { RunningServer } from '../unit/simulator/running-server.ts';
import { Center } from './support/center.ts';
import { prepareDemo, QUICK } from './support/fleets.ts';
import { until } from './support/until.ts';
import { Workplace } from './support/workplace.ts';

/** What becomes of runs while the network to one of two workers elsewhere fails. */

const WORKFLOW = readFileSync(path.resolve('examples', 'distributed-txt2img.json'), 'utf8');
const SCRIPT = { stepMs: 100 } as const;

describe('the network to a worker elsewhere', () => {
  const place = new Workplace();
  const ends: (() => unknown)[] = [];
  let center: Center;
  let near: RunningServer;
  let far: RunningServer;
  let nearId = '';

  beforeAll(async () => {
    await prepareDemo(place, 1);
    [near, far] = await Promise.all([RunningServer.start(SCRIPT), RunningServer.start(SCRIPT)]);
    await Promise.all([near.ready(), far.ready()]);
    center = await Center.start(place, { demo: 1, environment: QUICK });
    nearId = await added({ name: 'Near', port: near.port });
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(async () => {
    await center.control.close(true);
    await Promise.all([near.stop(), far.stop()]);
    expect(await place.dispose()).toEqual([]);
  });

  const added = async (
    change: Partial<RemoteDraft> & Pick<RemoteDraft, 'name' | 'port'>,
  ): Promise<string> => {
    const draft: RemoteDraft = {
      ...{ type: 'remote', host: '127.0.0.1', secure: false, path: '', certificate: null },
      ...{ access: { kind: 'none' }, ...change },
    };
    const { id } = await center.invoke('remote.add', { draft });
    await center.instanceWhere(id, 'is climbed', ({ remote }) => remote?.readiness?.done === true);
    return id;
  };
  const behindProxy = async (options: Partial<TlsProxyOptions> = {}) => {
    const proxy = await TlsProxy.start({ target: far.port, ...options });
    const secure = { secure: true, certificate: SELF_SIGNED.cert, type: 'cloud' } as const;
    const id = await added({ name: 'Far', port: proxy.port, ...secure });
    ends.push(
      () => proxy.close(),
      () => center.invoke('worker.remove', { id }),
    );
    return { proxy, id };
  };
  const submit = async (copies: number, on: readonly string[]): Promise<string> => {
    const options = { ...DEFAULT_RUN_OPTIONS, copies, on };
    return (await center.invoke('runs.submit', { name: 'night', workflow: WORKFLOW, options })).runId;
  };
  const get = (runId: string): Promise<RunDetail> => center.invoke('runs.get', { runId });
  /** With a step made: while a model may be loading, silence is normal for longer. */
  const runsOn = (runId: string, id: string): Promise<true> =>
    until('a shard runs there', async () => {
      const { shards } = await get(runId);
      return shards.some(({ step, instanceId }) => (step ?? 0) > 0 && instanceId === id) || null;
    });
  const ended = async (runId: string): Promise<RunDetail> => {
    await until('the run is over', async () => isFinished((await get(runId)).run.status), 80_000);
    return get(runId);
  };
  const wholeOf = ({ run, artifacts }: RunDetail, copies: number): void => {
    expect(run).toMatchObject({ status: 'done', error: null });
    expect(new Set(artifacts.map(({ seed }) => seed)).size).toBe(copies);
    expect(artifacts).toHaveLength(copies);
  };
  const lostOn = ({ shards }: RunDetail, id: string) =>
    shards
      .flatMap(({ attempts }) => attempts)
      .filter(({ instanceId, outcome }) => instanceId === id && outcome === 'lost');
  const cardSays = (id: string, words: RegExp) =>
    center.instanceWhere(id, `says ${words}`, (one) => words.test(conditionOf(one, Date.now()).word));

  it('swallows everything: the run goes on elsewhere within 6 s, the card says why, and it comes back by itself', async () => {
    const hole = await BlackHole.before(far.port);
    const id = await added({ name: 'Far', port: Number(new URL(hole.url).port) });
    ends.push(
      () => hole.close(),
      () => center.invoke('worker.remove', { id }),
    );
    const runId = await submit(4, [id, nearId]);
    await runsOn(runId, id);
    const cut = Date.now();
    hole.swallow();
    const [lost] = await until('it is lost there', async () => {
      const found = lostOn(await get(runId), id);
      return found.length > 0 ? found : null;
    });
    expect((lost?.endedAt ?? Number.POSITIVE_INFINITY) - cut).toBeLessThan(6_500);
    expect(lost?.reason).toContain('stopped answering');
    await cardSays(id, /^Unreachable: .* stopped answering$/);
    wholeOf(await ended(runId), 4);
    hole.restore();
    await cardSays(id, /^(Ready|Busy)/);
    wholeOf(await ended(await submit(1, [id])), 1);
  });

  it('puts a captive page in between: the card says so, and what ran there is computed elsewhere', async () => {
    let isPortal = false;
    const { proxy, id } = await behindProxy({
      isPortal: () => isPortal,
      instead: (request, response) => {
        if (!isPortal) return false;
        request.resume();
        response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Log in</title>');
        return true;
      },
    });
    const runId = await submit(4, [id, nearId]);
    await runsOn(runId, id);
    isPortal = true;
    proxy.drop();
    await cardSays(id, /^Unreachable: .* answers with a web page/);
    const detail = await ended(runId);
    wholeOf(detail, 4);
    expect(lostOn(detail, id).length).toBeGreaterThan(0);
    isPortal = false;
    await cardSays(id, /^(Ready|Busy)/);
  });

  it('comes and goes every few seconds: runs end well, nobody is flooded, and the card calls it unstable', async () => {
    let sent = 0;
    const { proxy, id } = await behindProxy({
      instead: (_request, _response, route) => {
        if (route.startsWith('/upload')) sent += 1;
        return false;
      },
    });
    const before = (await center.invoke('notices.list', {})).length;
    const runId = await submit(8, [id, nearId]);
    await runsOn(runId, id);
    sent = 0;
    for (let flap = 0; flap < 5; flap += 1) {
      proxy.cut();
      await center.instanceWhere(id, 'is down', ({ link }) => link.status === 'down');
      proxy.restore();
      await center.instanceWhere(id, 'is up', ({ link }) => link.status === 'up');
    }
    await cardSays(id, /^Unstable: lost \d times in 5 min$/);
    const detail = await ended(runId);
    wholeOf(detail, 8);
    expect(lostOn(detail, id).length).toBeLessThanOrEqual(5);
    // The whole ladder with its file is climbed once a minute at most.
    expect(sent).toBeLessThanOrEqual(2);
    expect((await center.invoke('notices.list', {})).length - before).toBeLessThanOrEqual(2);
  });
});
