import path from 'node:path';
import type { InstanceId } from '../../../shared/model.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import { ComfyHttp } from '../comfy/http.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';
import type { Clock } from '../ports.ts';
import type { RunFleet, RunFolders, RunServer } from '../runs/run-fleet.ts';
import type { Fleet } from './fleet.ts';
import type { Instance } from './instance.ts';
import { LocalInstance } from './local-instance.ts';
import { foldersOf } from './program.ts';

/** One client per life of a server: what was taken there is remembered by it. */
const clients = new WeakMap<InstanceMonitor, ComfyHttp>();

/** The fleet as runs see it. */
export function runFleetOf(fleet: Fleet, clock: Clock): RunFleet {
  const folders = runFolders(fleet);
  return {
    instances: () => fleet.instances.map((instance) => instance.snapshot()),
    server: (id) => serverOf(fleet, id, clock),
    folders: () => folders,
    onChange: (listener) => fleet.deps.state.onPatch(listener),
    tellRate: (id, perMinute) => fleet.find(id)?.setRate(perMinute),
  };
}

function serverOf(fleet: Fleet, id: InstanceId, clock: Clock): RunServer | null {
  const instance = fleet.find(id);
  if (instance === null) return null;
  const ours = instance instanceof LocalInstance && instance.control === 'managed';
  return {
    id,
    name: instance.definition.name,
    role: instance.definition.role,
    http: clientOf(instance, clock),
    monitor: instance.monitor,
    // A server that somebody else started may have folders of its own.
    sharesInput: ours,
    sharesOutput: ours && id === MASTER_ID,
    pathSeparator: separatorOf(fleet, instance),
    paid: instance.definition.type === 'cloud',
  };
}

function separatorOf(fleet: Fleet, instance: Instance): '/' | '\\' {
  const windows =
    instance instanceof LocalInstance
      ? fleet.deps.platform === 'win32'
      : (instance.monitor.value.server?.windows ?? false);
  return windows ? '\\' : '/';
}

function clientOf({ monitor, address }: Instance, clock: Clock): ComfyHttp {
  const known = clients.get(monitor);
  if (known !== undefined) return known;
  const client = new ComfyHttp(address, { clock });
  clients.set(monitor, client);
  return client;
}

function runFolders(fleet: Fleet): RunFolders {
  const { install, directory } = fleet.deps;
  const { master } = fleet;
  return {
    input: foldersOf(install).input,
    output: fleet.planFor(master.definition).outputDirectory,
    temp: path.join(directory, 'instances', MASTER_ID, 'temp'),
    previews: path.join(directory, 'previews'),
  };
}
