import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from 'vite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../electron/core/ports.ts';
import { startGuardian } from '../../../electron/core/supervisor/guardian-client.ts';
import { findProcess } from '../../../electron/core/supervisor/process-table.ts';
import {
  type ProcessRecord,
  ProcessRegistry,
  readRegistry,
} from '../../../electron/core/supervisor/registry.ts';
import { waitForGuardian } from '../../../electron/core/supervisor/survivors.ts';
import { distFile } from '../../setup/dist.ts';
import { eventually, FAKE_CHILD, isAlivePid } from './harness.ts';

let directory = '';
let registry: ProcessRegistry;
const children: ChildProcess[] = [];

beforeEach(async () => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'guardian-'));
  registry = await ProcessRegistry.open(path.join(directory, 'processes.json'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function server(...more: readonly string[]): Promise<ProcessRecord> {
  const args = [FAKE_CHILD, 'never', '0', ...more];
  const child = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  const row = await findProcess(child.pid ?? 0);
  if (row === null) throw new Error('the fake server is not there');
  const { pid, startTime, command } = row;
  return { pid, startTime, command, port: 1, url: '', logFile: '', device: null, generation: 1 };
}

/** A control center with the real guardian client, bundled so that every supported Node can run it. */
async function guardedCenter(): Promise<string> {
  const entry = path.join(path.dirname(FAKE_CHILD), 'guarded-center.ts');
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: entry,
      outDir: directory,
      emptyOutDir: false,
      rollupOptions: { output: { format: 'cjs', entryFileNames: 'guarded-center.cjs' } },
    },
  });
  return path.join(directory, 'guarded-center.cjs');
}

/** @returns the guardian's pid and the control center that may be killed */
async function center(): Promise<{ guardian: number; killed: () => Promise<void> }> {
  const child = spawn(process.execPath, [
    path.join(path.dirname(FAKE_CHILD), 'fake-center.mjs'),
    distFile('guardian.cjs'),
    registry.file,
  ]);
  children.push(child);
  const [chunk] = await once(child.stdout, 'data');
  return {
    guardian: Number(String(chunk).trim()),
    killed: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe.skipIf(process.platform === 'win32')('the guardian', { timeout: 60_000 }, () => {
  it('ends a server that was spawned but never noted, and no stranger', async () => {
    const stray = await server('--temp-directory', path.join(directory, 'instances', 'worker-7'));
    const stranger = await server('--temp-directory', path.join(directory, 'elsewhere', 'worker-7'));
    const { killed } = await center();
    await killed();
    await eventually('the stray is gone', () => !isAlivePid(stray.pid));
    expect(isAlivePid(stranger.pid)).toBe(true);
  });

  it('ends the servers of a killed control center, leaves a stranger with a used-again pid, and ends', async () => {
    const mine = await server();
    const stranger = await server();
    registry.set('worker-1', mine);
    registry.set('worker-2', { ...stranger, startTime: 'of another process' });
    const { guardian, killed } = await center();
    await killed();
    await eventually('the server is ended', () => !isAlivePid(mine.pid));
    await eventually('the guardian ends', () => !isAlivePid(guardian));
    expect(isAlivePid(stranger.pid)).toBe(true);
  });

  it('leaves them when they are set to go on', async () => {
    const mine = await server();
    registry.set('worker-1', mine);
    registry.setStopOnExit(false);
    const { guardian, killed } = await center();
    await killed();
    await eventually('the guardian ends', () => !isAlivePid(guardian));
    expect(isAlivePid(mine.pid)).toBe(true);
  });

  it('is replaced when it is killed, and the one that replaces it does the work', async () => {
    const mine = await server();
    registry.set('worker-1', mine);
    const child = spawn(process.execPath, [
      await guardedCenter(),
      distFile('guardian.cjs'),
      registry.file,
      directory,
    ]);
    children.push(child);
    await eventually('it is registered', () => readRegistry(registry.file).guardian !== null);
    const first = readRegistry(registry.file).guardian?.pid ?? 0;
    process.kill(first, 'SIGKILL');
    const second = (): number => readRegistry(registry.file).guardian?.pid ?? first;
    await eventually('another is registered', () => second() !== first);
    const replacement = second();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await eventually('the server is ended', () => !isAlivePid(mine.pid));
    await eventually('the guardian ends', () => !isAlivePid(replacement));
  });

  it('stays quiet and still lets go when the list cannot be written', async () => {
    registry.set('worker-1', await server());
    const errors: string[] = [];
    registry.setGuardian = () => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    const guardian = startGuardian({
      nodeCommand: [process.execPath, distFile('guardian.cjs')],
      environment: {},
      registry,
      directory,
      logger: { ...silentLogger, error: (message) => errors.push(message) },
    });
    await eventually('it is told', () => errors.length > 0);
    const pid = guardian.pid ?? 0;
    guardian.release();
    await eventually('the guardian ends', () => !isAlivePid(pid));
    for (const record of registry.records.values()) expect(isAlivePid(record.pid)).toBe(true);
  });

  it('ends without touching anything when it is released', async () => {
    const mine = await server();
    registry.set('worker-1', mine);
    const guardian = startGuardian({
      nodeCommand: [process.execPath, distFile('guardian.cjs')],
      environment: {},
      registry,
      directory,
      logger: silentLogger,
    });
    await eventually('it is registered', () => registry.guardian !== null);
    const known = registry.guardian;
    if (known === null) throw new Error('no guardian');
    guardian.release();
    registry.setGuardian(known);
    await waitForGuardian(registry, { logger: silentLogger });
    expect(isAlivePid(known.pid)).toBe(false);
    expect(isAlivePid(mine.pid)).toBe(true);
  });
});
