import type { BehaviourScript } from '../../../electron/simulator/script.ts';
import { createWorld } from '../../../electron/simulator/world.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import { DEFAULT_SETTINGS, type LocalWorkerSettings, type Settings } from '../../../shared/settings.ts';
import { freePorts, type Workplace } from './workplace.ts';

/** A roster on ports of its own: the master and `workers` workers, one on each simulated GPU. */
export async function rosterOn(
  world: string,
  ports: readonly number[],
  change: Partial<Settings> = {},
): Promise<Settings> {
  const { gpus } = await createWorld(world, ports.length);
  const [master = 0, ...rest] = ports;
  const workers = rest.map(
    (port, index): LocalWorkerSettings => ({
      id: `worker-${index + 1}`,
      type: 'local',
      name: `Worker ${index + 1}`,
      port,
      device: gpus[index + 1]?.uuid ?? '',
      extraArgs: '',
      selected: true,
    }),
  );
  return {
    ...DEFAULT_SETTINGS,
    master: { ...DEFAULT_SETTINGS.master, port: master, device: gpus[0]?.uuid ?? null },
    workers,
    populated: true,
    ...change,
  };
}

/** Puts a demo fleet on free ports, so that a machine with a real ComfyUI or other tests on 8188 is no hindrance. */
export async function prepareDemo(
  place: Workplace,
  gpus: number,
  preferences: Partial<Settings> = {},
): Promise<readonly number[]> {
  const ports = await freePorts(gpus);
  const folder = place.file('data', 'demo', `${gpus}-gpus`);
  place.write(await rosterOn(`${folder}/world`, ports), 'data', 'demo', `${gpus}-gpus`, 'settings.json');
  place.write({ ...DEFAULT_SETTINGS, ...preferences }, 'data', 'settings.json');
  return ports;
}

export function behave(script: BehaviourScript): NodeJS.ProcessEnv {
  return { ENSEMBLE_SIM: JSON.stringify({ bootMs: 150, stepMs: 20, modelLoadMs: 10, ...script }) };
}

export const QUICK = behave({});
export { MASTER_ID };
