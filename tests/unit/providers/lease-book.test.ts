import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  count,
  emptyBook,
  type LeaseBook,
  refusalOf,
  spendingOf,
  verdicts,
  withLease,
} from '../../../electron/core/providers/lease-book.ts';
import { transition } from '../../../electron/core/providers/lease-machine.ts';
import { costOf, isOpen, type Lease, NO_CAPS } from '../../../shared/providers.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { leaseWith } from './fixtures.ts';

const HOUR = 3_600_000;
const NOBODY = new Set<string>();
const readyMinutes = () => 20;

function bookWith(...leases: readonly Lease[]): LeaseBook {
  return leases.reduceRight(withLease, emptyBook('abcdefghij', 0));
}

describe('counting', () => {
  test('an hour costs the price of an hour, in whatever pieces it is counted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500_000 }), { minLength: 1 }), (steps) => {
        const clock = new ManualClock(0);
        let book = bookWith(leaseWith({ pricePerHour: 2 }));
        for (const step of steps) {
          clock.advance(step);
          book = count(book, clock.now(), NOBODY);
        }
        expect(book.total).toBeCloseTo(costOf(2, clock.now()), 6);
      }),
    );
  });

  test('whatever the clock does, what is spent never becomes less and no lease is forgotten', () => {
    const jump = fc.integer({ min: -5 * HOUR, max: 5 * HOUR });
    fc.assert(
      fc.property(fc.array(jump, { maxLength: 40 }), (jumps) => {
        const clock = new ManualClock(100 * HOUR);
        let book = { ...bookWith(leaseWith({ pricePerHour: 3 })), countedTo: clock.now() };
        for (const ms of jumps) {
          clock.jump(ms);
          const before = book;
          book = count(before, clock.now(), NOBODY);
          expect(book.total).toBeGreaterThanOrEqual(before.total);
          const [lease, was] = [book.leases[0], before.leases[0]];
          expect(lease?.billedMs).toBeGreaterThanOrEqual(was?.billedMs ?? 0);
          // Money and time are counted alike.
          expect(book.total).toBeCloseTo(costOf(3, lease?.billedMs ?? 0), 6);
        }
      }),
    );
  });

  test('time that we were away is paid for, but no longer than a lease that ends itself lasts', () => {
    const away = 50 * HOUR;
    const ends = bookWith(leaseWith({ leash: 'itself', ttlMinutes: 60, pricePerHour: 1 }));
    expect(count(ends, away, NOBODY).total).toBeCloseTo(70 / 60, 6);
    const stays = bookWith(leaseWith({ leash: 'nobody', ttlMinutes: 60, pricePerHour: 1 }));
    expect(count(stays, away, NOBODY).total).toBeCloseTo(50, 6);
  });

  test('the last 24 hours are forgotten by and by', () => {
    const lease = leaseWith({ pricePerHour: 1, ttlMinutes: 100_000 });
    let book = bookWith(lease);
    book = count(book, HOUR, NOBODY);
    expect(spendingOf(book).day).toBeCloseTo(1);
    const over = withLease(book, { ...lease, state: { status: 'released', because: '', at: HOUR } });
    const later = count(count(over, 20 * HOUR, NOBODY), 27 * HOUR, NOBODY);
    expect(spendingOf(later)).toEqual({ rate: 0, day: 0, total: book.total });
  });

  test('finished leases beyond 500 are forgotten, open ones never', () => {
    const old = leaseWith({ id: 'open' });
    let book = bookWith(old);
    for (let index = 0; index < 600; index += 1) {
      book = withLease(book, leaseWith({ id: `f${index}`, state: { status: 'failed', because: '', at: 1 } }));
    }
    expect(book.leases).toHaveLength(501);
    expect(book.leases.filter(isOpen)).toEqual([old]);
    expect(book.leases[0]?.id).toBe('f599');
  });
});

describe('caps', () => {
  const price = fc.integer({ min: 1, max: 500 }).map((cents) => cents / 100);
  const ttl = fc.integer({ min: 1, max: 600 });
  const order = fc.record({ pricePerHour: price, ttlMinutes: ttl, wait: fc.integer({ min: 0, max: HOUR }) });

  test('nobody can spend more than the caps, however many leases are asked for', () => {
    fc.assert(
      fc.property(fc.array(order, { maxLength: 20 }), fc.integer({ min: 0, max: 20 }), (orders, cap) => {
        const caps = { perHour: cap, perDay: cap * 2, total: cap * 3 };
        const clock = new ManualClock(0);
        let book = emptyBook('abcdefghij', 0);
        const live = (ms: number): void => {
          // Minute by minute, as the keeper does; what is over is given back.
          for (let left = ms; left > 0; left -= 60_000) {
            clock.advance(Math.min(60_000, left));
            book = count(book, clock.now(), NOBODY);
            for (const { lease, because } of verdicts(book, NO_CAPS, readyMinutes)) end(lease, because);
          }
        };
        const end = (id: string, because: string): void => {
          const lease = book.leases.find((one) => one.id === id);
          if (lease === undefined) return;
          const ends = transition(lease, { kind: 'ends', because, outcome: 'released', at: clock.now() });
          book = withLease(book, transition(ends, { kind: 'confirmed', at: clock.now() }));
        };
        orders.forEach(({ wait, ...wanted }, index) => {
          live(wait);
          if (refusalOf(book, caps, wanted) !== null) return;
          const lease = leaseWith({
            ...wanted,
            id: `k${index}`,
            state: { status: 'ready', url: '', since: 0 },
          });
          book = withLease(book, lease);
          expect(spendingOf(book).rate).toBeLessThanOrEqual(caps.perHour + 1e-6);
        });
        live(3 * HOUR);
        // A tick of a minute may come late to each.
        const late = orders.reduce((sum, one) => sum + costOf(one.pricePerHour, 60_000), 0);
        expect(spendingOf(book).day).toBeLessThanOrEqual(caps.perDay + late + 1e-6);
        expect(book.total).toBeLessThanOrEqual(caps.total + late + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  test('the sentence names what could be spent and the limit', () => {
    const refusal = refusalOf(
      bookWith(leaseWith()),
      { ...NO_CAPS, perHour: 0.8 },
      { pricePerHour: 0.5, ttlMinutes: 1 },
    );
    expect(refusal).toBe('With it up to $1.00 per hour could be spent, and the limit is $0.80.');
  });

  test('a cap of nothing lets nothing through, none lets everything', () => {
    const wanted = { pricePerHour: 0.01, ttlMinutes: 1 };
    const empty = emptyBook('abcdefghij', 0);
    expect(refusalOf(empty, { ...NO_CAPS, total: 0 }, wanted)).not.toBeNull();
    expect(refusalOf(empty, NO_CAPS, { pricePerHour: 1e6, ttlMinutes: 1e6 })).toBeNull();
  });

  test('a cap that is lowered ends the newest first, and only as many as needed', () => {
    const [newest, middle, oldest] = ['c', 'b', 'a'].map((id) => leaseWith({ id, pricePerHour: 1 }));
    if (newest === undefined || middle === undefined || oldest === undefined) throw new Error('three leases');
    const book = bookWith(newest, middle, oldest);
    const over = verdicts(book, { ...NO_CAPS, perHour: 2 }, readyMinutes);
    expect(over).toEqual([{ lease: 'c', because: 'No more than $2.00 per hour may be spent.' }]);
  });

  test('all go when the money of the day is spent', () => {
    const book = count(bookWith(leaseWith({ pricePerHour: 4, ttlMinutes: 600 })), HOUR, NOBODY);
    const [only] = verdicts(book, { ...NO_CAPS, perDay: 4 }, () => 1000);
    expect(only?.because).toBe('All of the $4.00 that may be spent per day are spent.');
  });
});

describe('the end of a lease', () => {
  const ready = leaseWith({
    ttlMinutes: 120,
    idleMinutes: 10,
    state: { status: 'ready', url: '', since: 0 },
  });

  test('comes with its time, even when the clock is set back in between', () => {
    const clock = new ManualClock(10 * HOUR);
    let book = { ...bookWith({ ...ready, idleMinutes: 0 }), countedTo: clock.now() };
    const step = (ms: number): void => {
      clock.advance(ms);
      book = count(book, clock.now(), NOBODY);
    };
    step(HOUR);
    clock.jump(-5 * HOUR);
    step(0);
    step(HOUR - 1);
    expect(verdicts(book, NO_CAPS, readyMinutes)).toEqual([]);
    step(1);
    expect(verdicts(book, NO_CAPS, readyMinutes)).toEqual([
      { lease: 'k1', because: 'Its 2 hours are over.' },
    ]);
  });

  test('comes when it has nothing to do, counted from its last prompt', () => {
    let book = count(bookWith(ready), 599_000, NOBODY);
    book = count(book, 600_000, new Set(['k1']));
    book = count(book, 1_199_000, NOBODY);
    expect(verdicts(book, NO_CAPS, readyMinutes)).toEqual([]);
    book = count(book, 1_200_000, NOBODY);
    expect(verdicts(book, NO_CAPS, readyMinutes)[0]?.because).toBe('It had nothing to do for 10 minutes.');
  });

  test('comes when it does not become ready, with what it waited for', () => {
    const slow = leaseWith({ state: { status: 'pending', note: 'The image is fetched.' } });
    const book = count(bookWith(slow), 20 * 60_000, NOBODY);
    expect(verdicts(book, NO_CAPS, readyMinutes)[0]?.because).toBe(
      'It was not ready within 20 minutes. The last that was heard of it: The image is fetched.',
    );
  });

  test('comes once: what is being given back is left alone', () => {
    const state = { status: 'draining', because: '', outcome: 'released', since: 0, trouble: null } as const;
    expect(verdicts(bookWith(leaseWith({ billedMs: 1e9, state })), NO_CAPS, readyMinutes)).toEqual([]);
  });
});
