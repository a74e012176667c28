import { constants, existsSync, readFileSync } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { request } from 'undici';
import { messageOf } from '../../../shared/errors.ts';
import { NO_NVIDIA_SMI } from '../gpu/failure.ts';
import { queryInventory } from '../gpu/inventory-query.ts';
import { locateNvidiaSmi } from '../gpu/locate.ts';
import { runCommand } from '../programs/run-command.ts';
import { which } from '../programs/which.ts';
import type { DataFacts, DoctorFacts, ElectronFacts, GpuFacts, PythonFact } from './facts.ts';

/** How the doctor looks at a machine; each look is short and never rejects. */

const LOOK_TIMEOUT = 2000;
const PYTHON_TIMEOUT = 10_000;

/** The machine as a process sees it. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

export async function lookAtGpus({ environment, platform }: Surroundings): Promise<GpuFacts> {
  const smi = await locateNvidiaSmi(environment, platform);
  if (smi === null) return { status: 'failed', ...NO_NVIDIA_SMI };
  const result = await queryInventory(smi, runCommand, []);
  if (!result.ok) return { status: 'failed', ...result.failure };
  return { status: 'ok', command: smi.command.join(' '), driver: result.driver, gpus: result.gpus };
}

/** @param pythons of the installs; without any, the system's own */
export async function lookAtPythons(
  pythons: readonly string[],
  { environment, platform }: Surroundings,
): Promise<readonly PythonFact[]> {
  const system = await which(platform === 'win32' ? 'python' : 'python3', environment, platform);
  const all = pythons.length > 0 || system === null ? pythons : [system];
  return Promise.all(
    [...new Set(all)].map(async (python) => {
      const line = { command: [python], environment: {} };
      const { stdout, stderr } = await runCommand(line, ['--version'], { timeoutMs: PYTHON_TIMEOUT });
      return { python, version: /Python (\d+(?:\.\d+)*)/.exec(`${stdout}${stderr}`)?.[1] ?? null };
    }),
  );
}

/** Something listens there, on IPv4 or IPv6. */
export async function isPortTaken(port: number): Promise<boolean> {
  const answers = await Promise.all([canConnect('127.0.0.1', port), canConnect('::1', port)]);
  return answers.includes(true);
}

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LOOK_TIMEOUT });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}

/** ComfyUI 0.3.64 and 0.33.0: GET /system_stats answers `{system: {comfyui_version, …}, devices: […]}`. */
export async function isComfyUi(port: number): Promise<boolean> {
  try {
    const response = await request(`http://127.0.0.1:${port}/system_stats`, {
      headersTimeout: LOOK_TIMEOUT,
      bodyTimeout: LOOK_TIMEOUT,
    });
    const stats = await response.body.json();
    return typeof stats === 'object' && stats !== null && 'devices' in stats;
  } catch {
    return false;
  }
}

export async function lookAtDisk(directory: string): Promise<DoctorFacts['disk']> {
  try {
    const { bavail, blocks, bsize } = await statfs(nearestExisting(directory));
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return null;
  }
}

export async function lookAtData(directory: string): Promise<DataFacts> {
  try {
    await access(nearestExisting(directory), constants.W_OK);
    return { directory, problem: null };
  } catch (error) {
    return { directory, problem: messageOf(error) };
  }
}

/** A directory that is yet to be made lives on the disk, and under the permissions, of the nearest one above it. */
function nearestExisting(directory: string): string {
  const parent = path.dirname(directory);
  return existsSync(directory) || parent === directory ? directory : nearestExisting(parent);
}

/** @param packageDirectory of the `electron` package, which keeps its binary in dist/ */
export function lookAtElectron(
  { environment, platform }: Surroundings,
  packageDirectory: string,
): ElectronFacts {
  const { DISPLAY, WAYLAND_DISPLAY, ELECTRON_OVERRIDE_DIST_PATH: override } = environment;
  const hasDisplay = platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
  if (process.versions['electron'] !== undefined) {
    return { version: process.versions['electron'], hasDisplay };
  }
  return { version: versionIn(override || path.join(packageDirectory, 'dist')), hasDisplay };
}

/** Electron's own archive holds a file `version`. */
function versionIn(directory: string): string | null {
  try {
    return readFileSync(path.join(directory, 'version'), 'utf8').trim().replace(/^v/, '');
  } catch {
    return null;
  }
}
