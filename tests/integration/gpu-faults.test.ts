import { describe, expect, it } from 'vitest';
import type { Center } from './support/center.ts';
import { FakeComfy, FakeSmi } from './support/fake-comfy.ts';
import { rosterOn } from './support/fleets.ts';
import { newPlace, startCenter } from './support/places.ts';
import { freePorts } from './support/workplace.ts';

async function stage(): Promise<{ center: Center; smi: FakeSmi }> {
  const place = newPlace();
  const comfy = new FakeComfy(place);
  const smi = await FakeSmi.create(place, 2);
  place.write(await rosterOn(place.file('world'), await freePorts(2)), 'data', 'settings.json');
  const center = await startCenter(place, { environment: { COMFYUI_PATH: comfy.root } });
  await center.allReady(2);
  return { center, smi };
}

describe('an nvidia-smi that fails', () => {
  it.each(['fail', 'rubbish', 'hang'] as const)(
    'by %s is told in words; the fleet goes on; it recovers',
    async (mode) => {
      const { center, smi } = await stage();
      const pids = await center.allReady(2);
      smi.fault({ mode });
      await center.invoke('gpus.rescan', {});
      const { gpuInventory } = await center.fleetWhere(
        'the failure is told',
        (fleet) => fleet.gpuInventory.status === 'unavailable',
      );
      expect(gpuInventory).toMatchObject({
        message: expect.stringMatching(/\w+ \w+/),
        hint: expect.stringMatching(/\w/),
      });
      expect(await center.allReady(2)).toEqual(pids);
      smi.fault(null);
      await center.invoke('gpus.rescan', {});
      const { gpus } = await center.fleetWhere('it is back', (fleet) => fleet.gpuInventory.status === 'ok');
      expect(gpus.map(({ health }) => health)).toEqual(['ok', 'ok']);
    },
  );

  it('loses one GPU: that one is marked, the other goes on', async () => {
    const { center, smi } = await stage();
    smi.fault({ mode: 'lost', gpu: 1 });
    await center.invoke('gpus.rescan', {});
    const { gpus } = await center.fleetWhere('a GPU is lost', (fleet) =>
      fleet.gpus.some(({ health }) => health === 'lost'),
    );
    expect(gpus.map(({ index, health }) => ({ index, health }))).toEqual([
      { index: 0, health: 'ok' },
      { index: 1, health: 'lost' },
    ]);
    await center.allReady(2);
  });
});
