import type { RunId } from '../../../shared/runs.ts';
import type { ActiveRun } from './active-run.ts';
import type { AttemptResult } from './attempt/run-attempt.ts';
import type { OpenAttempt } from './attempts.ts';
import type { RunServer } from './run-fleet.ts';

/** Looks on at attempts, to tell others what their servers tell. */
export interface AttemptObserver {
  /** From here on its server may speak of it. @returns to be called when it is over, however it ended */
  begin(attempt: OpenAttempt, server: RunServer): () => void;
  started(attempt: OpenAttempt): void;
  /** Its server has it all; its files are fetched from here on. */
  computed(attempt: OpenAttempt, result: AttemptResult): void;
  /** Everything of it is at home. */
  done(attempt: OpenAttempt): void;
  /** What goes with the prompts of a run beside what we send ourselves. */
  extraData(id: RunId): Readonly<Record<string, unknown>>;
}

/** Called just before a new run is journaled: what has to be written down with it. */
export type BeforeAccepting = (run: ActiveRun) => void;
