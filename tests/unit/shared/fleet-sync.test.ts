import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyPatch,
  beginFetch,
  type FleetSync,
  NOTHING_KNOWN,
  receivePatch,
  receiveSnapshot,
} from '../../../shared/fleet-sync.ts';
import type { FleetPatch, FleetSnapshot } from '../../../shared/model.ts';
import { fleet, instance } from '../../web/fixtures/fleets.ts';

const FIRST = { ...fleet([instance(0), instance(1)]), revision: 0 };

function renamed(revision: number, epoch = 'test'): FleetPatch {
  return {
    epoch,
    revision,
    root: {},
    instances: [instance(revision % 3, { name: `revision ${revision}` })],
    order: revision % 4 === 3 ? ['master', 'worker-2', 'worker-1'] : ['master', 'worker-1', 'worker-2'],
  };
}

/** The server's own history: what the fleet looked like at each revision. */
function historyOf(length: number): { snapshots: readonly FleetSnapshot[]; patches: readonly FleetPatch[] } {
  const patches = Array.from({ length }, (_, index) => renamed(index + 1));
  const snapshots = [FIRST];
  for (const patch of patches) snapshots.push(applyPatch(snapshots.at(-1) ?? FIRST, patch));
  return { snapshots, patches };
}

describe('fleet sync', () => {
  it('converges for every interleaving of snapshots and patches, lost and doubled ones too', () => {
    const LENGTH = 8;
    const { snapshots, patches } = historyOf(LENGTH);
    const step = fc.oneof(
      fc.record({ kind: fc.constant('snapshot' as const), at: fc.nat(LENGTH) }),
      fc.record({ kind: fc.constant('patch' as const), at: fc.nat(LENGTH - 1) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state: FleetSync = NOTHING_KNOWN;
        let seen = -1;
        for (const { kind, at } of steps) {
          const snapshot = snapshots[at];
          const patch = patches[at];
          if (kind === 'snapshot' && snapshot) state = receiveSnapshot(beginFetch(state), snapshot);
          else if (patch) state = receivePatch(state, patch);
          // Never backwards, and always a picture that the server once had.
          const revision = state.snapshot?.revision ?? -1;
          expect(revision).toBeGreaterThanOrEqual(seen);
          if (state.snapshot) expect(state.snapshot).toEqual(snapshots[revision]);
          seen = revision;
        }
        // A fetch mends whatever is missing.
        const last = snapshots.at(-1) ?? FIRST;
        state = receiveSnapshot(beginFetch(state), last);
        expect(state).toEqual({ snapshot: last, pending: [], stale: false });
      }),
    );
  });

  it('asks for a snapshot after a gap, and not before', () => {
    const { snapshots, patches } = historyOf(3);
    const start = receiveSnapshot(NOTHING_KNOWN, snapshots[0] ?? FIRST);
    const followed = receivePatch(start, patches[0] ?? renamed(1));
    expect(followed.stale).toBe(false);
    const gap = receivePatch(followed, patches[2] ?? renamed(3));
    expect(gap.stale).toBe(true);
    const filled = receivePatch(gap, patches[1] ?? renamed(2));
    expect(filled).toEqual({ snapshot: snapshots[3], pending: [], stale: false });
  });

  it('starts over with a new life of the control center', () => {
    const old = receiveSnapshot(NOTHING_KNOWN, { ...FIRST, revision: 90 });
    const noticed = receivePatch(old, renamed(4, 'second'));
    expect(noticed.stale).toBe(true);
    const fresh = receiveSnapshot(beginFetch(noticed), { ...FIRST, epoch: 'second', revision: 4 });
    expect(fresh.snapshot?.epoch).toBe('second');
    expect(fresh.stale).toBe(false);
  });

  it('keeps the identity of instances that did not change', () => {
    const next = applyPatch(FIRST, {
      epoch: 'test',
      revision: 1,
      root: {},
      instances: [instance(1)],
      order: null,
    });
    expect(next.instances[0]).toBe(FIRST.instances[0]);
    expect(next.instances[1]).not.toBe(FIRST.instances[1]);
  });
});
