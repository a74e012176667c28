import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LeaseEvent, transition } from '../../../electron/core/providers/lease-machine.ts';
import { isOpen, type Lease, type LeaseState } from '../../../shared/providers.ts';
import { leaseWith } from './fixtures.ts';

const text = fc.constantFrom('a', 'b');
const at = fc.nat(100);
const event: fc.Arbitrary<LeaseEvent> = fc.oneof(
  fc.record({ kind: fc.constant('noted' as const), note: text }),
  fc.record({ kind: fc.constant('named' as const), reference: text }),
  fc.record({ kind: fc.constant('ready' as const), url: text, worker: text, at }),
  fc.record({
    kind: fc.constant('ends' as const),
    because: text,
    outcome: fc.constantFrom('released' as const, 'lost' as const, 'failed' as const),
    at,
  }),
  fc.record({ kind: fc.constant('kept' as const), trouble: text }),
  fc.record({ kind: fc.constant('confirmed' as const), at }),
  fc.record({ kind: fc.constant('refused' as const), because: text, at }),
);

/** Where a state may lead, itself aside. */
const NEXT: Readonly<Record<LeaseState['status'], readonly LeaseState['status'][]>> = {
  pending: ['ready', 'draining', 'failed'],
  ready: ['draining'],
  draining: ['released', 'lost', 'failed'],
  released: [],
  lost: [],
  failed: [],
};

test('a lease goes only where it may, whatever happens in whatever order', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      let lease: Lease = leaseWith();
      for (const one of events) {
        const before = lease;
        lease = transition(before, one);
        const [was, is] = [before.state.status, lease.state.status];
        if (was !== is) expect(NEXT[was]).toContain(is);
        // What is over stays as it was, so that a late event cannot bring it back to life.
        if (!isOpen(before)) expect(lease).toBe(before);
      }
    }),
  );
});

test('only the provider’s word ends a lease that was asked for', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const silent = events.filter(({ kind }) => kind !== 'confirmed' && kind !== 'refused');
      expect(isOpen(silent.reduce(transition, leaseWith()))).toBe(true);
    }),
  );
});

test('an end keeps its first reason and outcome', () => {
  const lost = transition(leaseWith(), { kind: 'ends', because: 'gone', outcome: 'lost', at: 1 });
  const again = transition(lost, { kind: 'ends', because: 'given back', outcome: 'released', at: 2 });
  expect(transition(again, { kind: 'confirmed', at: 3 }).state).toEqual({
    status: 'lost',
    because: 'gone',
    at: 3,
  });
});

test('a worker that is ready can move to another address', () => {
  const ready = transition(leaseWith(), { kind: 'ready', url: 'http://a', worker: 'w', at: 5 });
  const moved = transition(ready, { kind: 'ready', url: 'http://b', worker: 'w', at: 9 });
  expect(moved.state).toEqual({ status: 'ready', url: 'http://b', since: 5 });
  expect(transition(moved, { kind: 'ready', url: 'http://b', worker: 'w', at: 11 })).toBe(moved);
});
