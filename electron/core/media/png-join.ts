import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { EnsembleError } from '../../../shared/errors.ts';
import { damagedFailure, unwritableFile } from './media-failures.ts';
import { framesOf, readHeader } from './png-frames.ts';
import { differences, groupPngs, type PngFacts, setupKey } from './png-groups.ts';
import { PngReader } from './png-reader.ts';
import { PngWriter } from './png-writer.ts';

export interface JoinedPngs {
  /** In the order of the pictures: files that ComfyUI loads as one batch each. */
  readonly groups: readonly JoinedGroup[];
  readonly warnings: readonly string[];
}

export interface JoinedGroup {
  readonly path: string;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/**
 * Joins pictures into one animated PNG without compressing them again; what is written about them (prompt, workflow) is
 * left out. Pictures that differ in size, colour type or palette from the one before begin another file beside the first.
 * @param files at least one; an animated one gives all its frames
 * @param target path of the first file; the others are called like it with -2, -3 …
 * @throws EnsembleError that names the file: unreadable, damaged, 'disk-full'; nothing is left of `target` then
 */
export async function joinPngs(
  files: readonly string[],
  target: string,
  signal?: AbortSignal,
): Promise<JoinedPngs> {
  if (files.length === 0) throw new EnsembleError('bad-argument', 'There are no pictures to join.');
  const pictures: PngFacts[] = [];
  for (const file of files) {
    signal?.throwIfAborted();
    pictures.push(await factsOf(file));
  }
  const groups: JoinedGroup[] = [];
  try {
    for (const members of groupPngs(pictures)) {
      groups.push(await writeGroup(members, numbered(target, groups.length), signal));
    }
  } catch (error) {
    for (const group of groups) await rm(group.path, { force: true });
    throw error;
  }
  return { groups, warnings: differences(pictures.map(({ header }) => header)) };
}

/** @throws EnsembleError that names the file */
export async function factsOf(file: string): Promise<PngFacts> {
  const png = await PngReader.open(file);
  try {
    const start = await readHeader(png);
    let frames = 0;
    for await (const part of framesOf(png, start)) if (part.kind === 'frame') frames += 1;
    if (start.claimed !== null && start.claimed !== frames) {
      throw damagedFailure(file, `it has ${frames} pictures and claims to have ${start.claimed}`);
    }
    return { file, header: start.header, frames };
  } finally {
    await png.close();
  }
}

async function writeGroup(
  members: readonly PngFacts[],
  target: string,
  signal: AbortSignal | undefined,
): Promise<JoinedGroup> {
  const partial = `${target}.partial`;
  const frames = members.reduce((sum, member) => sum + member.frames, 0);
  try {
    const handle = await open(partial, 'w');
    try {
      await writeFrames(handle, members, frames, signal);
    } finally {
      await handle.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true }).catch(() => {});
    signal?.throwIfAborted();
    throw error instanceof EnsembleError ? error : unwritableFile(target, error);
  }
  const { width = 0, height = 0 } = members[0]?.header ?? {};
  return { path: target, frames, width, height };
}

async function writeFrames(
  handle: FileHandle,
  members: readonly PngFacts[],
  frames: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const writer = new PngWriter(handle, frames);
  const [first] = members;
  if (first !== undefined) await writer.begin(first.header);
  for (const member of members) await copyFrames(member, writer, signal);
  await writer.end();
}

async function copyFrames(
  { file, header, frames }: PngFacts,
  writer: PngWriter,
  signal: AbortSignal | undefined,
): Promise<void> {
  const png = await PngReader.open(file);
  try {
    const start = await readHeader(png);
    let copied = 0;
    for await (const part of framesOf(png, start)) {
      signal?.throwIfAborted();
      if (part.kind === 'frame') {
        copied += 1;
        await writer.frame(part.control);
      } else {
        for await (const piece of png.pieces()) await writer.data(piece);
      }
    }
    const same = copied === frames && setupKey(start.header) === setupKey(header);
    if (!same) throw damagedFailure(file, 'it changed while it was read');
  } finally {
    await png.close();
  }
}

function numbered(target: string, index: number): string {
  if (index === 0) return target;
  const { dir, name, ext } = path.parse(target);
  return path.join(dir, `${name}-${index + 1}${ext}`);
}
