import { assertNever } from '../../../shared/assert-never.ts';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import type { AttemptOutcome, ShardError } from '../../../shared/runs.ts';
import { AttemptFailure } from './attempt/attempt-failure.ts';

/** What follows from an attempt that ended without a result. Pure. */

/** A prompt that takes every server with it must end some time; so must one that every card is too small for. */
export const MAX_ATTEMPTS = 3;
/** Tries of any kind: what keeps failing on the way must not go on for ever. */
export const MAX_TRIES = 20;

/** A file that the shard loads is not there any more, or leads out of the folders: no other server helps. */
export class InputFailure extends EnsembleError {}

/** The server named a file that it does not have: it answered out of its cache, and somebody removed the file. */
export class GoneFailure extends EnsembleError {}

export interface ShardFacts {
  /** Servers that went down while this shard ran on them, this one not counted. */
  readonly fatalLosses: number;
  /** Errors that were the worker's, this one not counted. */
  readonly retries: number;
  /** Attempts so far, this one included. */
  readonly tries: number;
  /** It had begun to run when it ended. */
  readonly hadStarted: boolean;
  readonly instanceName: string;
}

export interface Verdict {
  readonly outcome: AttemptOutcome;
  /** In words, for the attempt. */
  readonly reason: string;
  /**
   * again: another try, elsewhere if possible; fail: the shard is over; hold: again, but the queue is paused first because
   * nothing can be kept at home; nothing: it ended because we wanted it to.
   */
  readonly next: 'again' | 'fail' | 'hold' | 'nothing';
  /** pair: this workflow is kept away from this instance for a while; incapable: until the server comes back. */
  readonly avoid: 'none' | 'pair' | 'incapable';
  readonly countsAgainstInstance: boolean;
  readonly countsAs: 'fatal-loss' | 'retry' | 'none';
  /** It must be saved anew: an answer out of the cache would name the same files. */
  readonly saveAnew: boolean;
  /** What is shown when it fails. */
  readonly error: ShardError;
}

export function verdictOf(failure: unknown, facts: ShardFacts): Verdict {
  if (failure instanceof AttemptFailure) return verdictOfAttempt(failure, facts);
  if (failure instanceof EnsembleError && failure.code === 'disk-full') {
    return verdict({ outcome: 'lost', next: 'hold' }, wordsOf(failure));
  }
  if (failure instanceof InputFailure) return verdict({ outcome: 'failed', next: 'fail' }, wordsOf(failure));
  if (failure instanceof GoneFailure) return goneOf(failure, facts);
  // A file that did not come whole, an input that could not be taken there: the link, not the workflow.
  return lossOf(messageOf(failure), facts);
}

function verdictOfAttempt(failure: AttemptFailure, facts: ShardFacts): Verdict {
  switch (failure.kind) {
    case 'cancelled':
      return verdict({ outcome: 'cancelled', next: 'nothing' }, wordsOf(failure));
    case 'lost':
    case 'stalled':
      return lossOf(wordsOf(failure), facts);
    case 'refused':
      return refusalOf(failure, facts);
    case 'interrupted':
      return verdict({ outcome: 'failed', next: 'fail' }, `It was interrupted on ${facts.instanceName}.`);
    case 'execution':
      return executionOf(failure, facts);
    default:
      return assertNever(failure.kind);
  }
}

function lossOf(reason: string, { fatalLosses, hadStarted, instanceName, tries }: ShardFacts): Verdict {
  const losses = fatalLosses + (hadStarted ? 1 : 0);
  const countsAs = hadStarted ? 'fatal-loss' : 'none';
  const common = { outcome: 'lost', countsAgainstInstance: true, countsAs } as const;
  if (tries >= MAX_TRIES) {
    const message = `It was given up after ${tries} tries, the last on ${instanceName}: ${reason}`;
    return verdict({ ...common, next: 'fail' }, reason, plainError(message));
  }
  if (losses < MAX_ATTEMPTS) return verdict({ ...common, next: 'again' }, reason);
  const message = `Its server was lost ${losses} times while it ran, last on ${instanceName}: ${reason}`;
  return verdict({ ...common, next: 'fail' }, reason, plainError(message));
}

function goneOf(failure: GoneFailure, { retries }: ShardFacts): Verdict {
  const next = retries + 1 < MAX_ATTEMPTS ? 'again' : 'fail';
  return verdict({ outcome: 'lost', next, countsAs: 'retry', saveAnew: true }, wordsOf(failure));
}

function refusalOf(failure: AttemptFailure, { retries }: ShardFacts): Verdict {
  const reason = wordsOf(failure);
  if (failure.missing === null) return verdict({ outcome: 'failed', next: 'fail' }, reason);
  const next = retries + 1 < MAX_ATTEMPTS ? 'again' : 'fail';
  return verdict({ outcome: 'failed', next, avoid: 'incapable', countsAs: 'retry' }, reason);
}

function executionOf(failure: AttemptFailure, { retries }: ShardFacts): Verdict {
  const reason = wordsOf(failure);
  const error = failure.error ?? plainError(reason);
  if (!failure.workersFault) return verdict({ outcome: 'failed', next: 'fail' }, reason, error);
  const next = retries + 1 < MAX_ATTEMPTS ? 'again' : 'fail';
  return verdict({ outcome: 'failed', next, avoid: 'pair', countsAs: 'retry' }, reason, error);
}

type Chosen = Pick<Verdict, 'outcome' | 'next'> & Partial<Verdict>;

function verdict(chosen: Chosen, reason: string, error: ShardError = plainError(reason)): Verdict {
  const usual = { avoid: 'none', countsAgainstInstance: false, countsAs: 'none', saveAnew: false } as const;
  return { reason, error, ...usual, ...chosen };
}

export function plainError(message: string): ShardError {
  return { message, nodeId: null, nodeType: null, exceptionType: null, traceback: [] };
}

function wordsOf({ message }: Error): string {
  return message;
}
