import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Artifact } from '../../../shared/runs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import { stringifyExact } from '../exact-json.ts';
import { compileSecondStage } from '../graph/compile.ts';
import type { Gather, Gathered, GatheredFile, ShardOutput } from '../graph/plan.ts';
import { flacSeconds } from '../media/flac.ts';
import { joinPngs } from '../media/png-join.ts';
import type { ActiveRun } from './active-run.ts';
import { targetsOf } from './shard-attempt.ts';

/** Below the master's input folder: what its second passes load. */
const FOLDER = 'ensemble';

export interface SecondPass {
  readonly prompt: ApiPrompt;
  readonly outputs: readonly ShardOutput[];
  /** Of its contents: a second pass over more pictures is another one, and its results are new. */
  readonly digest: string;
  readonly warnings: readonly string[];
}

/**
 * Joins what the shards made and compiles what the master does with it. Names come from the contents, so that a second try
 * finds the same files.
 * @param input the master's input folder
 * @throws EnsembleError when a gathered file cannot be joined
 */
export async function buildSecondPass(run: ActiveRun, input: string): Promise<SecondPass> {
  const stage = run.plan.secondStage;
  if (stage === null) return { prompt: {}, outputs: [], digest: '', warnings: [] };
  await mkdir(path.join(input, FOLDER), { recursive: true });
  const warnings: string[] = [];
  const gathered: Gathered[] = [];
  for (const gather of stage.gathers) {
    const files = filesOf(run, gather);
    const joined =
      gather.channel === 'images' ? await joinImages(files, input, warnings) : await takeAudio(files, input);
    gathered.push({ ...gather, files: joined });
  }
  const compiled = compileSecondStage(stage, gathered);
  const digest = createHash('sha256').update(stringifyExact(compiled.prompt)).digest('hex').slice(0, 8);
  return { ...compiled, digest, warnings };
}

/** In the order of shards, each shard's in the order in which it made them. */
function filesOf(run: ActiveRun, gather: Gather): readonly Artifact[] {
  const files: Artifact[] = [];
  for (const shard of run.plan.shards) {
    for (const output of run.plan.templates[shard.template]?.outputs ?? []) {
      const gathers = output.gathers.some(
        ({ collector, channel }) => collector === gather.collector && channel === gather.channel,
      );
      const [target] = targetsOf(output);
      if (!gathers || target === undefined) continue;
      files.push(
        ...run.artifacts.filter(
          (one) => one.stage === 1 && one.shard === shard.index && one.nodeId === target.nodeId,
        ),
      );
    }
  }
  return files;
}

async function joinImages(
  files: readonly Artifact[],
  input: string,
  warnings: string[],
): Promise<readonly GatheredFile[]> {
  const draft = path.join(input, FOLDER, `.${randomUUID()}.png`);
  const joined = await joinPngs(
    files.map((file) => file.path),
    draft,
  );
  warnings.push(...joined.warnings);
  const named: GatheredFile[] = [];
  for (const group of joined.groups) {
    named.push({ name: await named16(group.path, input, '.png'), frames: group.frames, seconds: null });
  }
  return named;
}

async function takeAudio(files: readonly Artifact[], input: string): Promise<readonly GatheredFile[]> {
  const taken: GatheredFile[] = [];
  for (const file of files) {
    const extension = path.extname(file.path);
    const draft = path.join(input, FOLDER, `.${randomUUID()}${extension}`);
    await copyFile(file.path, draft);
    const seconds = await flacSeconds(file.path);
    taken.push({ name: await named16(draft, input, extension), frames: 1, seconds });
  }
  return taken;
}

/** Gives a file the name of its contents. @returns what LoadImage is given */
async function named16(draft: string, input: string, extension: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(draft), hash);
    const name = `${hash.digest('hex').slice(0, 16)}${extension}`;
    await rename(draft, path.join(input, FOLDER, name));
    return `${FOLDER}/${name}`;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
