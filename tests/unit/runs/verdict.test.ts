import { describe, expect, it } from 'vitest';
import { AttemptFailure } from '../../../electron/core/runs/attempt/attempt-failure.ts';
import {
  GoneFailure,
  InputFailure,
  MAX_TRIES,
  plainError,
  type ShardFacts,
  verdictOf,
} from '../../../electron/core/runs/verdict.ts';
import { EnsembleError } from '../../../shared/errors.ts';

const FACTS: ShardFacts = { fatalLosses: 0, retries: 0, tries: 1, hadStarted: true, instanceName: 'W1' };

function outOfMemory(): AttemptFailure {
  const error = { ...plainError('CUDA out of memory.'), exceptionType: 'torch.OutOfMemoryError' };
  return AttemptFailure.execution(error);
}

describe('a lost attempt', () => {
  const lost = AttemptFailure.lost('It died.');

  it('is tried elsewhere, and counts against its instance', () => {
    expect(verdictOf(lost, FACTS)).toMatchObject({
      outcome: 'lost',
      next: 'again',
      countsAgainstInstance: true,
      countsAs: 'fatal-loss',
      reason: 'It died.',
    });
  });

  it('ends a shard that took three servers with it', () => {
    const verdict = verdictOf(lost, { ...FACTS, fatalLosses: 2 });
    expect(verdict.next).toBe('fail');
    expect(verdict.error.message).toBe('Its server was lost 3 times while it ran, last on W1: It died.');
  });

  it('does not count as the shard’s doing while it only waited there, but does not go on for ever', () => {
    const waiting = { ...FACTS, hadStarted: false, fatalLosses: 2 };
    expect(verdictOf(lost, waiting)).toMatchObject({ next: 'again', countsAs: 'none' });
    expect(verdictOf(lost, { ...waiting, tries: MAX_TRIES }).next).toBe('fail');
  });
});

describe('an error', () => {
  it('of the workflow is never repeated', () => {
    const error = {
      ...plainError('bad value'),
      nodeId: '5',
      nodeType: 'KSampler',
      exceptionType: 'ValueError',
    };
    expect(verdictOf(AttemptFailure.execution(error), FACTS)).toMatchObject({ next: 'fail', error });
  });

  it('of the worker is tried elsewhere, at most three times, and kept away from the pair', () => {
    expect(verdictOf(outOfMemory(), FACTS)).toMatchObject({
      next: 'again',
      avoid: 'pair',
      countsAs: 'retry',
    });
    expect(verdictOf(outOfMemory(), { ...FACTS, retries: 2 }).next).toBe('fail');
  });

  it('of missing files here is told at once, of files that a server lost leads to saving anew', () => {
    const missing = new InputFailure('not-found', 'photo.png is not there.');
    expect(verdictOf(missing, FACTS)).toMatchObject({ next: 'fail', reason: 'photo.png is not there.' });
    const gone = new GoneFailure('not-found', 'It has no a.png any more.');
    expect(verdictOf(gone, FACTS)).toMatchObject({
      next: 'again',
      saveAnew: true,
      countsAgainstInstance: false,
    });
    expect(verdictOf(gone, { ...FACTS, retries: 2 }).next).toBe('fail');
  });
});

it('a full disk holds the queue and loses nothing', () => {
  const full = new EnsembleError('disk-full', 'The disk is full.');
  expect(verdictOf(full, FACTS)).toMatchObject({ next: 'hold', countsAgainstInstance: false });
});

it('what we ended ourselves needs nothing more; what somebody else interrupted is said', () => {
  expect(verdictOf(new AttemptFailure('cancelled', 'Cancelled.'), FACTS).next).toBe('nothing');
  const interrupted = verdictOf(new AttemptFailure('interrupted', 'x'), FACTS);
  expect(interrupted).toMatchObject({ next: 'fail', reason: 'It was interrupted on W1.' });
});

it('anything else that was thrown is the link’s fault', () => {
  expect(verdictOf(new Error('ECONNRESET'), FACTS)).toMatchObject({ outcome: 'lost', next: 'again' });
  expect(verdictOf('odd', FACTS).next).toBe('again');
});
