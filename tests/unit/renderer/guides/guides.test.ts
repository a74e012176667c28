import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startComfy } from '../../../../renderer/guides/commands.ts';
import { type GuideFacts, type GuideValues, progressOf } from '../../../../renderer/guides/guide.ts';
import { guidesFor, valuesFrom } from '../../../../renderer/guides/guides.ts';
import type { InstanceSnapshot } from '../../../../shared/model.ts';
import { instanceSnapshot } from '../../../support/fixtures.ts';
import { readiness } from '../../../web/fixtures/remote-replies.ts';

const FACTS: GuideFacts = {
  ...{ setup: { status: 'demo', gpus: 2 }, gpus: 2, instances: [], gateway: null, tunnel: null },
};
const VALUES: GuideValues = {
  ...{ host: 'gpu.lan', port: '8188', folder: '/opt/ComfyUI', pod: 'abc', name: 'comfy.example.com' },
};

function guide(id: string, facts: Partial<GuideFacts> = {}, values: Partial<GuideValues> = {}) {
  const found = guidesFor({ ...FACTS, ...facts }, { ...VALUES, ...values }).find((one) => one.id === id);
  if (found === undefined) throw new Error(`no guide ${id}`);
  return found;
}

const elsewhere = (change: Partial<InstanceSnapshot>, failed = false): InstanceSnapshot =>
  instanceSnapshot({
    ...{ id: 'far', name: 'Far', type: 'cloud', host: 'abc-8188.proxy.runpod.net' },
    remote: {
      ...{ secure: true, path: '', certificate: null, access: null, source: null, agent: null },
      readiness: readiness(
        failed
          ? {
              models: {
                ...{ status: 'failed', detail: 'None.', remedy: null, command: null, certificate: null },
              },
            }
          : {},
      ),
    },
    ...change,
  });

describe('guides', () => {
  it('are begun by nobody, and count what can be told', () => {
    for (const one of guidesFor(FACTS, VALUES)) {
      const { done, of } = progressOf(one);
      expect(of).toBeGreaterThanOrEqual(2);
      expect(done).toBe(one.id === 'local' ? 1 : 0);
      expect(new Set(one.steps.map(({ title }) => title)).size).toBe(one.steps.length);
    }
  });

  it('turn green with a worker of their kind, and not with another', () => {
    const facts = { instances: [elsewhere({})] };
    expect(progressOf(guide('runpod', facts))).toEqual({ done: 2, of: 2 });
    expect(progressOf(guide('cloud', facts))).toEqual({ done: 2, of: 2 });
    expect(progressOf(guide('worker-tunnel', facts)).done).toBe(0);
    expect(progressOf(guide('remote', facts)).done).toBe(0);
    const quick = { instances: [elsewhere({ host: 'calm-otter.trycloudflare.com' })] };
    expect(progressOf(guide('worker-tunnel', quick)).done).toBe(2);
  });

  it('say which rung does not hold', () => {
    const checks = guide('runpod', { instances: [elsewhere({}, true)] }).steps.flatMap(
      ({ check }) => check ?? [],
    );
    expect(checks.at(-1)).toEqual({
      done: false,
      words: 'Far: models are missing. Its card says what to do.',
    });
  });

  it('begin with what is known already', () => {
    const instances = [elsewhere({}), elsewhere({ id: 'r', type: 'remote', host: 'rack.lan', port: 8200 })];
    expect(valuesFrom({ ...FACTS, instances }, 'my.example.com')).toEqual({
      ...{ host: 'rack.lan', port: '8200', folder: '/opt/ComfyUI', pod: 'abc', name: 'my.example.com' },
    });
  });

  it('give commands in which nothing that is typed can run', () => {
    const typed = fc.string({ unit: 'binary' }).filter((text) => !/[\0\uD800-\uDFFF]/.test(text));
    const folders = [...fc.sample(typed, 200), '$(id)', '`id`', "a'; id; '", '-n', '', '\n', '~', '*'];
    // All at once: a shell for each would take its time.
    const script = folders.map((folder) => {
      const [posix] = startComfy({ ...VALUES, folder }, true);
      const [, quoted = ''] =
        /^cd (.*) && python main\.py --listen --port 8188$/s.exec(posix?.text ?? '') ?? [];
      return `printf '%s\\0' ${quoted}`;
    });
    const { stdout } = spawnSync('sh', ['-c', script.join('\n')]);
    expect(stdout.toString().split('\0').slice(0, -1)).toEqual(folders);
  });

  it('never hold a token', () => {
    for (const one of guidesFor(FACTS, VALUES)) {
      const texts = one.steps.flatMap(({ commands = [] }) => commands.map(({ text }) => text));
      for (const text of texts.filter((line) => line.includes('Bearer'))) {
        expect(text).toMatch(/\$TOKEN|\{\$TOKEN\}/);
      }
    }
  });
});
