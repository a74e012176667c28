import type { DeviceRef, GpuInfo } from '../../../shared/model.ts';

/** How an instance is bound to what it computes on. */
export interface DeviceBinding {
  readonly environment: Readonly<Record<string, string>>;
  /** ComfyUI flags, e.g. --cpu. */
  readonly args: readonly string[];
  readonly problem: string | null;
}

const NOTHING: DeviceBinding = { environment: {}, args: [], problem: null };

/**
 * nvidia-smi's order equals CUDA's only with PCI_BUS_ID; a UUID is right whatever the order, so it is used wherever the
 * inventory knows it. Without an inventory (no nvidia-smi) the person's word is passed on as it is.
 * @param device null leaves the choice to ComfyUI
 */
export function bindDevice(device: DeviceRef | null, gpus: readonly GpuInfo[]): DeviceBinding {
  if (device === null || device.trim() === '') return NOTHING;
  // "-1" and not "": Windows cannot hand an empty variable to a child.
  if (device === 'cpu') return { environment: visible('-1'), args: ['--cpu'], problem: null };
  const words = device.split(',').map((word) => word.trim());
  const uuids: string[] = [];
  for (const word of words) {
    const found = resolve(word, gpus);
    if ('problem' in found) return { ...NOTHING, problem: found.problem };
    uuids.push(found.name);
  }
  if (new Set(uuids).size < uuids.length) return { ...NOTHING, problem: 'A GPU is named twice.' };
  return { environment: visible(uuids.join(',')), args: [], problem: null };
}

function visible(devices: string): Readonly<Record<string, string>> {
  return { CUDA_DEVICE_ORDER: 'PCI_BUS_ID', CUDA_VISIBLE_DEVICES: devices };
}

function resolve(word: string, gpus: readonly GpuInfo[]): { name: string } | { problem: string } {
  const isIndex = /^\d{1,3}$/.test(word);
  const isUuid = /^(GPU|MIG)-[0-9A-Za-z/-]+$/.test(word);
  if (!isIndex && !isUuid) {
    return { problem: `“${word}” is no device: give a GPU number such as 0, a GPU UUID, or cpu.` };
  }
  if (gpus.length === 0) return { name: word };
  const gpu = gpus.find((candidate) =>
    isIndex ? candidate.index === Number(word) : candidate.uuid === word,
  );
  if (gpu === undefined) {
    const known = gpus.map((candidate) => `${candidate.index} (${candidate.name})`).join(', ');
    return { problem: `There is no GPU ${word} on this machine; there are: ${known}.` };
  }
  if (gpu.health === 'lost') {
    return {
      problem: `GPU ${gpu.index} (${gpu.name}) is lost: its driver no longer answers. Restart the machine.`,
    };
  }
  return { name: gpu.uuid };
}
