import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AttemptFailure } from '../../../electron/core/runs/attempt/attempt-failure.ts';
import {
  GoneFailure,
  InputFailure,
  MAX_ATTEMPTS,
  MAX_TRIES,
  type ShardFacts,
  verdictOf,
} from '../../../electron/core/runs/verdict.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import type { ShardError } from '../../../shared/runs.ts';

const FIRST: ShardFacts = {
  fatalLosses: 0,
  retries: 0,
  tries: 1,
  hadStarted: false,
  instanceName: 'Worker 1',
};

const BROKEN: ShardError = {
  message: 'ImageScale failed: bad size.',
  nodeId: '4',
  nodeType: 'ImageScale',
  exceptionType: 'ValueError',
  traceback: ['line 1'],
};
const NO_MEMORY: ShardError = {
  ...BROKEN,
  message: 'Allocation on device 0 would exceed allowed memory.',
  exceptionType: 'torch.OutOfMemoryError',
};

function refusal(missing: AttemptFailure['missing']): AttemptFailure {
  return new AttemptFailure('refused', 'Node X is not there.', { missing });
}

describe('an attempt that ended without a result', () => {
  it.each([
    ['a lost one is tried again', AttemptFailure.lost('gone'), {}, { outcome: 'lost', next: 'again' }],
    [
      'one that was never begun is no loss of its server',
      AttemptFailure.lost('gone'),
      {},
      { countsAs: 'none', countsAgainstInstance: true },
    ],
    [
      'one that ran takes a chance',
      AttemptFailure.lost('gone'),
      { hadStarted: true },
      { countsAs: 'fatal-loss', next: 'again' },
    ],
    [
      'a sampler that stands still counts as a loss',
      new AttemptFailure('stalled', 'no step for long'),
      { hadStarted: true },
      { outcome: 'lost', countsAs: 'fatal-loss' },
    ],
    [
      'our own wish has no consequence',
      new AttemptFailure('cancelled', 'enough'),
      { hadStarted: true, fatalLosses: 2, retries: 2 },
      { outcome: 'cancelled', next: 'nothing', countsAgainstInstance: false },
    ],
    [
      'somebody who interrupts means it',
      new AttemptFailure('interrupted', 'stop'),
      {},
      { outcome: 'failed', next: 'fail', reason: 'It was interrupted on Worker 1.' },
    ],
    [
      'a prompt that no server takes fails',
      refusal(null),
      {},
      { outcome: 'failed', next: 'fail', avoid: 'none' },
    ],
    [
      'what one server lacks another may have',
      refusal('node'),
      {},
      { next: 'again', avoid: 'incapable', countsAs: 'retry', countsAgainstInstance: false },
    ],
    [
      'a node’s own error is not tried elsewhere',
      AttemptFailure.execution(BROKEN),
      {},
      { outcome: 'failed', next: 'fail', error: BROKEN },
    ],
    [
      'too little memory is the worker’s',
      AttemptFailure.execution(NO_MEMORY),
      {},
      { next: 'again', avoid: 'pair', countsAs: 'retry', error: NO_MEMORY },
    ],
    [
      'a full disk holds everything',
      new EnsembleError('disk-full', 'The disk is full.'),
      { tries: 50 },
      { outcome: 'lost', next: 'hold', countsAgainstInstance: false },
    ],
    [
      'an input that is gone is gone everywhere',
      new InputFailure('not-found', 'photo.png is not there'),
      {},
      {
        outcome: 'failed',
        next: 'fail',
        error: expect.objectContaining({ message: 'photo.png is not there' }),
      },
    ],
    [
      'a file that the server named and lost is saved anew',
      new GoneFailure('not-found', 'not there'),
      {},
      { outcome: 'lost', next: 'again', saveAnew: true, countsAs: 'retry' },
    ],
    [
      'a download that broke off is the link’s',
      new Error('socket hang up'),
      {},
      { outcome: 'lost', next: 'again', reason: 'socket hang up', saveAnew: false },
    ],
  ])('%s', (_, failure, facts, expected) => {
    expect(verdictOf(failure, { ...FIRST, ...facts })).toMatchObject(expected);
  });

  it.each([
    ['losses', AttemptFailure.lost('gone'), { hadStarted: true, fatalLosses: MAX_ATTEMPTS - 1 }],
    ['short memory', AttemptFailure.execution(NO_MEMORY), { retries: MAX_ATTEMPTS - 1 }],
    ['refusals', refusal('node'), { retries: MAX_ATTEMPTS - 1 }],
    ['lost files', new GoneFailure('not-found', 'gone'), { retries: MAX_ATTEMPTS - 1 }],
    ['broken links', new Error('socket hang up'), { tries: MAX_TRIES }],
  ])('%s end some time', (_, failure, facts) => {
    expect(verdictOf(failure, { ...FIRST, ...facts }).next).toBe('fail');
  });

  it('names the server and the number when too many were lost', () => {
    const { error } = verdictOf(AttemptFailure.lost('It does not answer.'), {
      ...FIRST,
      hadStarted: true,
      fatalLosses: 2,
    });
    expect(error.message).toBe(
      'Its server was lost 3 times while it ran, last on Worker 1: It does not answer.',
    );
  });
});

const anyFailure = fc.constantFrom<unknown>(
  AttemptFailure.lost('gone'),
  new AttemptFailure('stalled', 'still'),
  AttemptFailure.execution(NO_MEMORY),
  AttemptFailure.execution(BROKEN),
  refusal('node'),
  refusal(null),
  new GoneFailure('not-found', 'gone'),
  new InputFailure('not-found', 'gone'),
  new Error('reset'),
  'no error at all',
);

it('whatever happens in whatever order, a shard is over after a bounded number of tries, with words', () => {
  fc.assert(
    fc.property(fc.infiniteStream(fc.tuple(anyFailure, fc.boolean())), (failures) => {
      let facts = FIRST;
      for (const [failure, hadStarted] of failures) {
        const verdict = verdictOf(failure, { ...facts, hadStarted });
        expect(verdict.reason.length).toBeGreaterThan(0);
        expect(verdict.error.message.length).toBeGreaterThan(0);
        if (verdict.next === 'fail') return;
        facts = {
          ...facts,
          tries: facts.tries + 1,
          fatalLosses: facts.fatalLosses + (verdict.countsAs === 'fatal-loss' ? 1 : 0),
          retries: facts.retries + (verdict.countsAs === 'retry' ? 1 : 0),
        };
        expect(facts.tries).toBeLessThanOrEqual(MAX_TRIES);
      }
    }),
  );
});
