import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../../shared/errors.ts';
import type { Logger } from '../ports.ts';
import { findProcess } from './process-table.ts';
import type { GuardianRecord, ProcessRegistry } from './registry.ts';

/** What the control center writes to the guardian before it leaves on purpose. */
export const RELEASE_WORD = 'release';

export interface GuardianOptions {
  /** argv that runs dist/guardian.cjs. */
  readonly nodeCommand: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly registry: ProcessRegistry;
  /** Where its log goes. */
  readonly directory: string;
  readonly logger: Logger;
}

export interface Guardian {
  readonly pid: number | null;
  /** Normal quit: the guardian ends without touching anything. */
  release(): void;
}

const MOST_RESTARTS = 3;
/** One that lived for so long did not die of its own start, ms. */
const STABLE_MS = 60_000;

/**
 * Starts the process that outlives us: when our end of its stdin closes without a word, however we died, it ends the
 * servers that are set to end with us. One that dies itself is replaced.
 */
export function startGuardian(options: GuardianOptions): Guardian {
  const { registry, logger } = options;
  let released = false;
  let restarts = 0;
  let child = open();

  function open(): ChildProcess | null {
    const started = spawnGuardian(options);
    if (started === null) return null;
    const startedAt = Date.now();
    void register(started);
    started.once('exit', (code, signal) => {
      if (released) return;
      logger.warn('the guardian ended', { code, signal });
      restarts = Date.now() - startedAt >= STABLE_MS ? 1 : restarts + 1;
      if (restarts <= MOST_RESTARTS) child = open();
    });
    return started;
  }

  async function register({ pid }: ChildProcess): Promise<void> {
    if (pid === undefined) return;
    const row = await findProcess(pid).catch(() => null);
    if (row === null || released) return;
    const { startTime, command } = row;
    record({ pid, startTime, command });
  }

  /** It guards without being in the list too; only the next control center cannot wait for it. */
  function record(guardian: GuardianRecord | null): void {
    try {
      registry.setGuardian(guardian);
    } catch (error) {
      logger.error('the guardian could not be registered', { error: messageOf(error) });
    }
  }

  return {
    get pid() {
      return child?.pid ?? null;
    },
    release: () => {
      if (released) return;
      released = true;
      record(null);
      child?.stdin?.end(`${RELEASE_WORD}\n`);
    },
  };
}

function spawnGuardian(options: GuardianOptions): ChildProcess | null {
  const { nodeCommand, environment, registry, directory, logger } = options;
  const [file, ...args] = nodeCommand;
  if (file === undefined) return null;
  let log: number | null = null;
  try {
    log = openSync(path.join(directory, 'guardian.log'), 'a', 0o600);
    const child = spawn(file, [...args, registry.file], {
      // Its own session: Ctrl+C in our terminal and the end of our session must not reach it.
      detached: true,
      env: { ...process.env, ...environment },
      stdio: ['pipe', log, log],
      windowsHide: true,
    });
    child.on('error', (error) => logger.error('the guardian could not be started', { error: error.message }));
    // It may die before us: the broken pipe is told by its exit.
    child.stdin?.on('error', () => undefined);
    child.unref();
    return child;
  } catch (error) {
    logger.error('the guardian could not be started', { error: messageOf(error) });
    return null;
  } finally {
    if (log !== null) closeSync(log);
  }
}
