import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Fields } from './plugin-replies.ts';

/** What the plugin tells of the machine that its master runs on. */

export interface Machine {
  readonly hostname: string;
  /** IPv4 addresses, those of the machine itself included. */
  readonly addresses: readonly string[];
  /** MAC address of the first real network card; null where there is none. */
  readonly mac: string | null;
  /** As Python names it: Linux, Windows, Darwin. */
  readonly system: string;
  /** e.g. x86_64 */
  readonly processor: string;
  readonly pathSeparator: string;
  readonly inDocker: boolean;
}

export function thisMachine(): Machine {
  const cards = Object.values(os.networkInterfaces()).flatMap((card) => card ?? []);
  const hostname = os.hostname();
  return {
    ...{ hostname, processor: os.machine(), pathSeparator: path.sep },
    addresses: [...new Set(cards.filter(({ family }) => family === 'IPv4').map(({ address }) => address))],
    mac: cards.find(({ internal, mac }) => !internal && mac !== '00:00:00:00:00:00')?.mac ?? null,
    system: os.type() === 'Windows_NT' ? 'Windows' : os.type(),
    inDocker: existsSync('/.dockerenv') || hostname.toLowerCase().includes('docker'),
  };
}

export function systemInfo({ hostname, mac, system, processor, pathSeparator, inDocker }: Machine): Fields {
  return {
    ...{ status: 'success', hostname },
    machine_id: mac === null ? `${processor}_${hostname}` : BigInt(`0x${mac.replaceAll(':', '')}`).toString(),
    platform: {
      ...{ system, machine: processor, node: hostname, path_separator: pathSeparator },
      os_name: pathSeparator === '\\' ? 'nt' : 'posix',
    },
    ...{ is_docker: inDocker, is_runpod: false, runpod_pod_id: null },
  };
}

/**
 * @param masterDevice index of the master's GPU; null without one
 * @param gpuCount GPUs of this machine
 */
export function networkInfo(
  { hostname, addresses }: Machine,
  masterDevice: number | null,
  gpuCount: number,
): Fields {
  return {
    ...{ status: 'success', hostname, all_ips: addresses, recommended_ip: recommendedAddress(addresses) },
    ...{ cuda_device: masterDevice, cuda_device_count: gpuCount },
    message: 'Auto-detected network configuration',
  };
}

const HOME = /^192\.168\./;
const PRIVATE = /^(192\.168\.|10\.|172\.(1[6-9]|2\d|3[01])\.)/;

/** The address at which other machines most likely find this one. */
export function recommendedAddress(addresses: readonly string[]): string | null {
  const outer = addresses.filter((address) => !address.startsWith('127.'));
  return (
    outer.find((address) => HOME.test(address)) ??
    outer.find((address) => PRIVATE.test(address)) ??
    outer[0] ??
    addresses[0] ??
    null
  );
}
