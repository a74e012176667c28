import path from 'node:path';
import type { DoctorReport } from '../../../shared/contract.ts';
import { messageOf } from '../../../shared/errors.ts';
import { DEFAULT_CONTROL_PORT, DEFAULT_SETTINGS, FIRST_WORKER_PORT } from '../../../shared/settings.ts';
import type { FoundInstalls } from '../installs/find.ts';
import { readControlFile } from '../settings/data-directory.ts';
import type { DoctorFacts, PortFact } from './facts.ts';
import { findingsOf } from './findings.ts';
import {
  isComfyUi,
  isPortTaken,
  lookAtData,
  lookAtDisk,
  lookAtElectron,
  lookAtGpus,
  lookAtPythons,
  type Surroundings,
} from './probes.ts';

/** Whoever knows where ComfyUI may be: the running set-up, or the command line by itself. */
export interface InstallFinder {
  find(): Promise<FoundInstalls>;
}

/** A server of the fleet that runs now. */
export interface FleetServer {
  readonly name: string;
  readonly port: number;
  /** It is our own child and serves. */
  readonly ours: boolean;
}

const USUAL_SERVERS: readonly FleetServer[] = [
  { name: 'the master', port: DEFAULT_SETTINGS.master.port, ours: false },
  { name: 'the first worker', port: FIRST_WORKER_PORT, ours: false },
];

/**
 * Looks at the whole machine and says in words what is there and what is wrong. Changes nothing, never rejects.
 * @param servers of the fleet that runs now; without any, the usual ports are looked at
 */
export async function runDoctor(
  surroundings: Surroundings,
  finder: InstallFinder,
  dataDirectory: string,
  servers: readonly FleetServer[],
): Promise<DoctorReport> {
  const installs = await finder.find().catch((error: unknown) => ({
    found: [],
    rejected: [{ root: '', message: messageOf(error), hint: 'Run the doctor again.' }],
  }));
  const [gpus, pythons, ports, disk, data] = await Promise.all([
    lookAtGpus(surroundings),
    lookAtPythons(
      installs.found.map((install) => install.python),
      surroundings,
    ),
    lookAtPorts(dataDirectory, servers),
    lookAtDisk(dataDirectory),
    lookAtData(dataDirectory),
  ]);
  const electron = lookAtElectron(surroundings, electronPackage());
  const facts: DoctorFacts = { gpus, installs, pythons, ports, disk, data, electron };
  return { at: Date.now(), findings: findingsOf(facts) };
}

async function lookAtPorts(
  dataDirectory: string,
  servers: readonly FleetServer[],
): Promise<readonly PortFact[]> {
  const control = await readControlFile(dataDirectory);
  const ownPort = control === null ? DEFAULT_CONTROL_PORT : portOf(control.url);
  const wanted = servers.length === 0 ? USUAL_SERVERS : servers;
  return Promise.all([
    ...wanted.map(({ port, name, ours }) => lookAtPort(port, name, ours)),
    lookAtPort(ownPort, 'the page', control !== null),
  ]);
}

/** A damaged control file must not keep the doctor from the rest. */
function portOf(url: string): number {
  return URL.canParse(url) ? Number(new URL(url).port) || DEFAULT_CONTROL_PORT : DEFAULT_CONTROL_PORT;
}

async function lookAtPort(port: number, purpose: string, isOurs: boolean): Promise<PortFact> {
  if (!(await isPortTaken(port))) return { port, purpose, taken: false, owner: null };
  if (isOurs) return { port, purpose, taken: true, owner: 'ensemble' };
  return { port, purpose, taken: true, owner: (await isComfyUi(port)) ? 'comfyui' : null };
}

/** Beside dist/, from which every entry runs. */
function electronPackage(): string {
  return path.join(path.dirname(process.argv[1] ?? '.'), '..', 'node_modules', 'electron');
}
