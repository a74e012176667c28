import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SLOWEST_MS } from '../../../electron/core/feed-pace.ts';
import { FleetState, PATCH_INTERVAL_MS } from '../../../electron/core/fleet/fleet-state.ts';
import type { FleetPatch, FleetSnapshot } from '../../../shared/model.ts';
import { instanceSnapshot } from '../../support/fixtures.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function createState(clock: ManualClock): FleetState {
  return new FleetState(
    {
      setup: { status: 'searching' },
      mode: 'participating',
      masterParticipates: true,
      gpuInventory: { status: 'searching' },
      gpus: [],
    },
    'epoch',
    clock,
    (instances) => ({
      mode: instances.every(({ queue }) => (queue ?? 0) > 2) ? 'fallback' : 'participating',
    }),
  );
}

/** What a client does with a patch. */
function applied(snapshot: FleetSnapshot, patch: FleetPatch): FleetSnapshot {
  const byId = new Map(snapshot.instances.map((instance) => [instance.id, instance]));
  for (const instance of patch.instances) byId.set(instance.id, instance);
  const order = patch.order ?? snapshot.instances.map((instance) => instance.id);
  return {
    ...snapshot,
    ...patch.root,
    revision: patch.revision,
    instances: order.flatMap((id) => byId.get(id) ?? []),
  };
}

describe('FleetState', () => {
  it('merges what happens within one interval into one patch', () => {
    const clock = new ManualClock();
    const state = createState(clock);
    const patches: FleetPatch[] = [];
    state.onPatch((patch) => patches.push(patch));
    state.setInstance(instanceSnapshot({ queue: 1 }));
    clock.advance(0);
    for (let queue = 2; queue < 50; queue += 1) state.setInstance(instanceSnapshot({ queue }));
    clock.advance(PATCH_INTERVAL_MS);
    expect(patches.map((patch) => patch.instances[0]?.queue)).toEqual([1, 49]);
  });

  it('waits longer after a patch of many, and not after one of few', () => {
    const clock = new ManualClock();
    const state = createState(clock);
    const sizes: number[] = [];
    state.onPatch((patch) => sizes.push(patch.instances.length));
    const change = (count: number, queue: number): void => {
      for (let n = 0; n < count; n += 1) state.setInstance(instanceSnapshot({ id: `w${n}`, queue }));
    };
    change(300, 1);
    clock.advance(0);
    change(1, 2);
    clock.advance(299);
    expect(sizes).toEqual([300]);
    clock.advance(1);
    change(1, 3);
    clock.advance(PATCH_INTERVAL_MS);
    expect(sizes).toEqual([300, 1, 1]);
    change(2_000, 4);
    clock.advance(PATCH_INTERVAL_MS);
    change(1, 5);
    clock.advance(SLOWEST_MS);
    expect(sizes.slice(3)).toEqual([2_000, 1]);
  });

  it('does not call an equal value a change', () => {
    const clock = new ManualClock();
    const state = createState(clock);
    state.setInstance(instanceSnapshot());
    state.snapshot();
    state.setInstance(instanceSnapshot());
    state.setRoot({ mode: 'participating' });
    expect(clock.pending).toBe(0);
    expect(state.snapshot().revision).toBe(1);
  });

  it('puts what follows from the instances into the same patch', () => {
    const clock = new ManualClock();
    const state = createState(clock);
    const patches: FleetPatch[] = [];
    state.onPatch((patch) => patches.push(patch));
    state.setInstance(instanceSnapshot({ queue: 3 }));
    clock.advance(PATCH_INTERVAL_MS);
    expect(patches.map((patch) => patch.root)).toEqual([{ mode: 'fallback' }]);
  });

  it('still sends the patch when the clock was set back', () => {
    const clock = new ManualClock();
    const state = createState(clock);
    const patches: FleetPatch[] = [];
    state.onPatch((patch) => patches.push(patch));
    state.setInstance(instanceSnapshot({ queue: 1 }));
    clock.advance(PATCH_INTERVAL_MS);
    clock.jump(-3_600_000);
    state.setInstance(instanceSnapshot({ queue: 2 }));
    clock.advance(PATCH_INTERVAL_MS);
    expect(patches).toHaveLength(2);
  });

  it('lets a client that applies patches hold exactly the snapshot, whatever happens', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('set' as const), id: fc.integer({ min: 0, max: 4 }), queue: fc.nat(3) }),
      fc.record({ kind: fc.constant('order' as const), ids: fc.shuffledSubarray([0, 1, 2, 3, 4]) }),
      fc.record({ kind: fc.constant('root' as const), participates: fc.boolean() }),
      fc.record({ kind: fc.constant('time' as const), ms: fc.nat(200) }),
      fc.record({ kind: fc.constant('snapshot' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const clock = new ManualClock();
        const state = createState(clock);
        let client = state.snapshot();
        state.onPatch((patch) => {
          expect(patch.revision).toBe(client.revision + 1);
          client = applied(client, patch);
        });
        for (const step of actions) {
          if (step.kind === 'set') {
            state.setInstance(instanceSnapshot({ id: `worker-${step.id}`, queue: step.queue }));
          } else if (step.kind === 'order') state.setOrder(step.ids.map((id) => `worker-${id}`));
          else if (step.kind === 'root') state.setRoot({ masterParticipates: step.participates });
          else if (step.kind === 'time') clock.advance(step.ms);
          else {
            // Flushes, so that the client has its patch before the two are compared.
            const snapshot = state.snapshot();
            expect(client).toEqual(snapshot);
          }
        }
        const snapshot = state.snapshot();
        expect(client).toEqual(snapshot);
      }),
    );
  });
});
