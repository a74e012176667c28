import type { GpuInfo } from '../../../shared/model.ts';
import { FIRST_WORKER_PORT, type LocalWorkerSettings, type Settings } from '../../../shared/settings.ts';

/**
 * First launch, once only, as users of the plugin know it: the master on GPU 0, one selected local worker for every
 * other GPU ("Worker 1"…, ports from 8189). A fleet that already has workers is left as it is.
 * @param isTaken ports that somebody listens on or that are reserved
 */
export function populate(
  settings: Settings,
  gpus: readonly GpuInfo[],
  isTaken: (port: number) => boolean,
): Settings {
  if (settings.populated) return settings;
  const healthy = gpus.filter((gpu) => gpu.health === 'ok');
  const first = healthy[0];
  const device = settings.master.device ?? first?.uuid ?? 'cpu';
  const master = { ...settings.master, device };
  if (settings.workers.length > 0) return { ...settings, master, populated: true };
  // Without a GPU nothing was populated: a driver that appears later still gets its workers.
  if (first === undefined) return { ...settings, master };
  const used = new Set([master.port]);
  const workers = healthy
    .filter((gpu) => gpu.uuid !== device)
    .map((gpu, index): LocalWorkerSettings => {
      const port = nextPort(FIRST_WORKER_PORT, (candidate) => used.has(candidate) || isTaken(candidate));
      used.add(port);
      return {
        id: `worker-${index + 1}`,
        type: 'local',
        name: `Worker ${index + 1}`,
        port,
        device: gpu.uuid,
        extraArgs: '',
        selected: true,
      };
    });
  return { ...settings, master, workers, populated: true };
}

/**
 * The demo takes whatever ports are free: nobody relies on them, and a demo that cannot start teaches nothing.
 * @param isTaken ports that strangers listen on
 */
export function movedToFreePorts(settings: Settings, isTaken: (port: number) => boolean): Settings {
  const used = new Set<number>();
  const place = (port: number): number => {
    const free = nextPort(port, (candidate) => used.has(candidate) || isTaken(candidate));
    used.add(free);
    return free;
  };
  const master = { ...settings.master, port: place(settings.master.port) };
  const workers = settings.workers.map((worker) =>
    worker.type === 'local' ? { ...worker, port: place(worker.port) } : worker,
  );
  return { ...settings, master, workers };
}

/** The first port from `from` on that is not taken; throws past 65535. */
export function nextPort(from: number, isTaken: (port: number) => boolean): number {
  for (let port = from; port <= 65_535; port += 1) {
    if (!isTaken(port)) return port;
  }
  throw new RangeError(`No free port from ${from} on`);
}
