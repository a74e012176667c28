import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../electron/core/ports.ts';
import type { ClimbRequest } from '../../../electron/core/readiness/climb.ts';
import { Climber } from '../../../electron/core/readiness/climber.ts';
import { RemoteTests } from '../../../electron/core/readiness/remote-tests.ts';
import { isCloseTo } from '../../../electron/core/readiness/version-rung.ts';
import { until } from '../comfy/until.ts';

describe('many climbs', { timeout: 60_000 }, () => {
  let server: Server;
  let request: ClimbRequest;
  let asked = 0;
  let open = 0;
  let most = 0;
  /** Answers what waits. */
  let answers: (() => void)[] = [];

  beforeEach(async () => {
    [asked, open, most] = [0, 0, 0];
    server = createServer((_, response) => {
      asked += 1;
      open += 1;
      most = Math.max(most, open);
      answers.push(() => {
        open -= 1;
        response.writeHead(404).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    request = {
      place: { host: '127.0.0.1', port, secure: false, path: '' },
      address: { url: `http://127.0.0.1:${port}` },
      requirements: null,
      masterVersion: null,
      rates: null,
    };
  });
  afterEach(() => {
    answers = [];
    server.closeAllConnections();
    server.close();
  });
  const answer = (): void => {
    for (const one of answers.splice(0)) one();
  };

  it('go some at a time, and those that are no longer wanted leave the line', async () => {
    const climber = new Climber(systemClock, 'test');
    const unwanted = new AbortController();
    const signal = new AbortController().signal;
    const climbs = Array.from({ length: 20 }, () =>
      climber.inTurn(
        () => request,
        signal,
        () => {},
      ),
    );
    const left = climber.inTurn(
      () => request,
      unwanted.signal,
      () => {},
    );
    await until('the first ones', () => asked === 8);
    unwanted.abort(new Error('let go'));
    await expect(left).rejects.toThrow('let go');
    while (asked < 20) {
      answer();
      await until('the next ones', () => open > 0);
    }
    answer();
    const ladders = await Promise.all(climbs);
    expect(ladders.every(({ done, rungs }) => done && rungs.comfyui.status === 'failed')).toBe(true);
    expect([asked, most]).toEqual([20, 8]);
  });

  it('that a person asked for do not wait, and a second test of one dialog ends the first', async () => {
    const climber = new Climber(systemClock, 'test');
    const { signal } = new AbortController();
    const busy = Array.from({ length: 8 }, () =>
      climber.inTurn(
        () => request,
        signal,
        () => {},
      ),
    );
    await until('a full line', () => asked === 8);
    const tests = new RemoteTests(climber);
    const told: string[] = [];
    tests.onProgress(({ testId, readiness }) => told.push(`${testId} ${readiness.rungs.reachable.status}`));
    const first = tests.run('t', request);
    await until('the test', () => asked === 9);
    const second = tests.run('t', request);
    await expect(first).rejects.toThrow('let go of');
    await until('the second test', () => asked === 10);
    answer();
    expect((await second).done).toBe(true);
    expect(told[0]).toBe('t checking');
    await Promise.all(busy);
    tests.stop('never begun');
  });
});

describe('versions of ComfyUI', () => {
  it('are close when their first two numbers are', () => {
    expect(isCloseTo('0.33.0', '0.33.4')).toBe(true);
    expect(isCloseTo('0.3.64', '0.33.0')).toBe(false);
    expect(isCloseTo('v0.3.64-12-gabc', '0.3.1')).toBe(true);
    expect(isCloseTo('nightly', '0.33.0')).toBe(true);
  });
});
