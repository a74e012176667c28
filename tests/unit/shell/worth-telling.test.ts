import { expect, it } from 'vitest';
import { PictureWatch, RunWatch, tellingOfNotice } from '../../../electron/shell/worth-telling.ts';
import type { InstanceSnapshot, NoticeLevel, TestPicture } from '../../../shared/model.ts';
import type { RunStatus, RunSummary } from '../../../shared/runs.ts';
import { instanceSnapshot, runSummary } from '../../support/fixtures.ts';

function withPicture(change: Partial<TestPicture>): { readonly instances: readonly InstanceSnapshot[] } {
  const picture: TestPicture = {
    id: 'p1',
    status: 'queued',
    at: 0,
    step: null,
    steps: null,
    url: null,
    workflow: 'model-free',
    seconds: null,
    error: null,
    ...change,
  };
  return { instances: [instanceSnapshot({ picture })] };
}

it('tells a finished picture once', () => {
  const watch = new PictureWatch();
  expect(watch.apply(withPicture({}))).toEqual([]);
  expect(watch.apply(withPicture({ status: 'running' }))).toEqual([]);
  const done = withPicture({ status: 'done', seconds: 1.26 });
  expect(watch.apply(done)).toEqual([
    { title: 'Your test picture is ready', body: 'Worker 1 made it in 1.3 s.' },
  ]);
  expect(watch.apply(done)).toEqual([]);
});

it('tells why a picture failed', () => {
  const watch = new PictureWatch();
  watch.apply(withPicture({ status: 'running' }));
  expect(watch.apply(withPicture({ status: 'failed', error: 'Out of memory.' }))).toEqual([
    { title: 'The test picture on Worker 1 failed', body: 'Out of memory.' },
  ]);
});

it('says nothing of pictures that were finished before it watched', () => {
  expect(new PictureWatch().apply(withPicture({ status: 'done' }))).toEqual([]);
});

it('passes failures on, and nothing milder', () => {
  const notice = (level: NoticeLevel) => ({
    id: 1,
    at: 0,
    level,
    title: 'T',
    detail: null,
    instanceId: null,
  });
  expect(tellingOfNotice(notice('error'))).toEqual({ title: 'T', body: '' });
  for (const level of ['info', 'success', 'warning'] as const)
    expect(tellingOfNotice(notice(level))).toBeNull();
});

it('tells once that a run has ended with files, and leaves failures to their notice', () => {
  const watch = new RunWatch();
  const run = (id: string, status: RunStatus): RunSummary =>
    runSummary({ id, status, name: 'night', artifactCount: 1, shardCount: 2 });
  expect(watch.apply([run('a', 'running'), run('b', 'running'), run('c', 'queued')])).toEqual([]);
  expect(
    watch.apply([run('a', 'done'), run('b', 'partial'), run('c', 'failed'), run('old', 'done')]),
  ).toEqual([
    { title: 'night is done', body: '1 file came home.' },
    { title: 'night is done in part', body: '0 of 2 shards are done; 1 file came home.' },
  ]);
  expect(watch.apply([run('a', 'done')])).toEqual([]);
});
