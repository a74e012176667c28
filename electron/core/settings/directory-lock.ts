import { link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { findProcess } from '../supervisor/process-table.ts';

const ownerSchema = z.object({
  pid: z.int().positive(),
  startTime: z.string().nullable(),
  /** Tells two tries of one process apart. */
  nonce: z.string(),
});

export type LockOwner = z.infer<typeof ownerSchema>;

export type LockResult =
  | { readonly status: 'acquired'; readonly owner: LockOwner }
  | { readonly status: 'held'; readonly pid: number };

const MOST_TRIES = 50;
const PAUSE_MS = 40;
/** A lock file without readable content this old is not just being written; well below what all tries take together. */
const HALF_WRITTEN_MS = 500;

/** Takes the lock file, also from an owner that died without releasing it. Safe when several try at once. */
export async function acquireLock(file: string): Promise<LockResult> {
  const owner: LockOwner = {
    pid: process.pid,
    startTime: (await findProcess(process.pid).catch(() => null))?.startTime ?? null,
    nonce: `${process.pid}-${process.hrtime.bigint().toString(36)}`,
  };
  let tookOver = false;
  for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
    if (await create(file, owner)) {
      if (!tookOver || (await staysOurs(file, owner))) return { status: 'acquired', owner };
      continue;
    }
    const holder = await readOwner(file);
    if (holder !== null && (await isOwnerAlive(holder))) return { status: 'held', pid: holder.pid };
    if (holder === null && (await isFresh(file))) {
      await pause();
      continue;
    }
    tookOver = true;
    await setAside(file, holder, owner.nonce);
  }
  return { status: 'held', pid: (await readOwner(file))?.pid ?? 0 };
}

export async function releaseLock(file: string, owner: LockOwner): Promise<void> {
  const holder = await readOwner(file);
  if (holder?.nonce === owner.nonce) await rm(file, { force: true });
}

/** A link appears with its whole content or not at all; file systems without links fall back to exclusive creation. */
async function create(file: string, owner: LockOwner): Promise<boolean> {
  const draft = `${file}.${owner.nonce}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    return await createExclusively(file, owner);
  } finally {
    await rm(draft, { force: true });
  }
}

async function createExclusively(file: string, owner: LockOwner): Promise<boolean> {
  try {
    const handle = await open(file, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(owner));
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a dead owner's lock. Renaming first makes sure that of several rivals only one removes it; a rival's fresh
 * lock that was caught by mistake is put back.
 */
async function setAside(file: string, seen: LockOwner | null, nonce: string): Promise<void> {
  const aside = `${file}.stale-${nonce}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const caught = await readOwner(aside);
  if (caught !== null && caught.nonce !== seen?.nonce) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

/** After a takeover a slower rival may still remove our lock in the belief that it is the dead one's: look again. */
async function staysOurs(file: string, owner: LockOwner): Promise<boolean> {
  await pause();
  await pause();
  return (await readOwner(file))?.nonce === owner.nonce;
}

export async function isOwnerAlive(owner: Pick<LockOwner, 'pid' | 'startTime'>): Promise<boolean> {
  if (!answersSignals(owner.pid)) return false;
  // Where the system tells no start time, a living pid has to do.
  if (owner.startTime === null) return true;
  try {
    return (await findProcess(owner.pid))?.startTime === owner.startTime;
  } catch {
    return true;
  }
}

/** A pid that may belong to somebody else's process (EPERM) is alive as well. */
function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

async function readOwner(file: string): Promise<LockOwner | null> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function isFresh(file: string): Promise<boolean> {
  const info = await stat(file).catch(() => null);
  return info !== null && Date.now() - info.mtimeMs < HALF_WRITTEN_MS;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}
