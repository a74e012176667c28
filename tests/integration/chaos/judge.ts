import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Artifact, RunDetail } from '../../../shared/runs.ts';
import { BROKEN, colorOf, firstPixel, inverted } from '../../support/chaos-nodes.ts';
import type { RunWorld } from '../../support/run-world.ts';
import type { ChaosRun, Schedule } from './schedule.ts';

/** What must be true at the end of every schedule, whatever went wrong. @returns what is not, in words */
export async function judge(
  schedule: Schedule,
  details: readonly RunDetail[],
  world: RunWorld,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const [index, detail] of details.entries()) {
    const run = schedule.runs[index];
    if (run === undefined) continue;
    const say = (sentence: string): number => wrong.push(`run ${index}: ${sentence}`);
    judgeEnd(schedule, run, index, detail, say);
    judgeCounts(run, detail, say);
    for (const artifact of detail.artifacts) await judgePicture(run, artifact, say);
  }
  wrong.push(...(await judgeFolder(world, details)));
  return wrong;
}

type Say = (sentence: string) => void;

/** One server was well all the time: nothing but the workflow itself, or a person's wish, may end a run short. */
function judgeEnd(
  schedule: Schedule,
  run: ChaosRun,
  index: number,
  { run: summary, shards }: RunDetail,
  say: Say,
): void {
  const { status, error } = summary;
  const cancelled = schedule.events.some((event) => event.what === 'cancel' && event.run === index);
  if (cancelled && (status === 'cancelled' || status === 'done')) return;
  if (run.node === BROKEN) {
    const told = shards.some((shard) => shard.error?.message.includes('broken on purpose'));
    // Somebody who empties a queue says "interrupted" before the node can break.
    if (!['failed', 'partial'].includes(status) || !(told || /interrupted/.test(error ?? '')))
      say(`${status}, ${error}`);
    return;
  }
  if (status === 'done') return;
  const emptied = schedule.events.some(
    (event) => event.what === 'fault' && event.fault.kind === 'forget-queue',
  );
  if (!emptied || !/interrupted/.test(error ?? '')) say(`${status} without need: ${error}`);
}

function judgeCounts(run: ChaosRun, { run: summary, shards, artifacts }: RunDetail, say: Say): void {
  const first = shards.filter(({ stage }) => stage === 1);
  if (first.length !== run.copies) say(`${first.length} shards instead of ${run.copies}`);
  for (const shard of first) {
    const own = artifacts.filter(({ stage, shard: index }) => stage === 1 && index === shard.index);
    if (shard.status === 'done' && own.length !== 1) say(`shard ${shard.index} has ${own.length} files`);
    if (own.length > 1) say(`shard ${shard.index} came home ${own.length} times`);
    if (shard.attempts.length > 20) say(`shard ${shard.index} was tried ${shard.attempts.length} times`);
    if (shard.attempts.some(({ endedAt }) => endedAt === null))
      say(`shard ${shard.index} has an open attempt`);
    const unsaid = shard.attempts.some(({ outcome, reason }) => outcome === 'lost' && reason === null);
    if (unsaid) say(`shard ${shard.index} was lost without a word`);
  }
  const second = artifacts.filter(({ stage }) => stage === 2);
  const gathered = first.filter(({ status }) => status === 'done').length;
  const passed = shards.some(({ stage, status }) => stage === 2 && status === 'done');
  if (passed && second.length !== gathered)
    say(`${second.length} of ${gathered} pictures passed the second stage`);
  if (summary.status === 'done' && run.secondStage && !passed) say('no second stage');
}

async function judgePicture(run: ChaosRun, artifact: Artifact, say: Say): Promise<void> {
  const pixel = firstPixel(await readFile(artifact.path));
  const colors = Array.from({ length: run.copies }, (_, k) => colorOf(run.seed + BigInt(k)));
  const expected = artifact.stage === 1 ? [colorOf(BigInt(artifact.seed ?? -1))] : colors.map(inverted);
  if (!expected.some((color) => color.join() === pixel.join())) {
    say(`${artifact.name} of seed ${artifact.seed} shows ${pixel.join()}`);
  }
}

/** Files on disk and files in the journal are the same ones. */
async function judgeFolder(world: RunWorld, details: readonly RunDetail[]): Promise<readonly string[]> {
  const known = new Set(details.flatMap(({ artifacts }) => artifacts.map((artifact) => artifact.path)));
  const { output, previews } = world.fleet.folders();
  const wrong: string[] = [];
  for (const folder of [output, previews]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      if (entry.isFile() && !known.delete(file)) wrong.push(`${file} is not in the journal`);
    }
  }
  return [...wrong, ...[...known].map((file) => `${file} is not on the disk`)];
}
