import type { CommandResult } from '../programs/run-command.ts';
import { lines } from './nvidia-smi.ts';

/** Why there are no GPUs to show: two sentences for people. */
export interface SmiFailure {
  readonly message: string;
  readonly hint: string;
}

const BY_HAND = 'devices can be named by hand, and “cpu” is a device too.';

export const NO_NVIDIA_SMI: SmiFailure = {
  message: 'No NVIDIA GPU can be seen: nvidia-smi was not found.',
  hint: `Install NVIDIA’s driver, or go on without it: ${BY_HAND}`,
};

const KNOWN: readonly { readonly pattern: RegExp; readonly failure: SmiFailure }[] = [
  {
    pattern: /No devices were found/i,
    failure: {
      message: 'nvidia-smi finds no NVIDIA GPU in this computer.',
      hint: `Check the card’s seat and power, or go on without it: ${BY_HAND}`,
    },
  },
  {
    pattern: /version mismatch/i,
    failure: {
      message: 'The NVIDIA driver was updated, but the old one is still loaded.',
      hint: 'Restart the computer.',
    },
  },
  {
    pattern: /couldn't communicate with the NVIDIA driver|Driver Not Loaded|Failed to initialize NVML/i,
    failure: {
      message: 'nvidia-smi cannot reach the NVIDIA driver.',
      hint: `Reinstall the driver or restart the computer; until then ${BY_HAND}`,
    },
  },
  {
    pattern: /GPU is lost|Unable to determine the device handle/i,
    failure: { message: 'The GPU is lost: its driver no longer reaches it.', hint: 'Restart the computer.' },
  },
];

export function explainFailure(result: CommandResult): SmiFailure {
  if (result.spawnError !== null) {
    return {
      message: `nvidia-smi could not be started (${result.spawnError}).`,
      hint: `Run nvidia-smi by hand to see why; until then ${BY_HAND}`,
    };
  }
  if (result.timedOut) return HANGING;
  const output = `${result.stdout}\n${result.stderr}`;
  const known = KNOWN.find(({ pattern }) => pattern.test(output));
  if (known !== undefined) return known.failure;
  const last = lines(result.stderr).at(-1) ?? lines(result.stdout).at(-1) ?? 'nothing';
  return {
    message: `nvidia-smi’s answer is not understood (code ${result.code ?? 'unknown'}): ${printable(last)}`,
    hint: `Run nvidia-smi by hand to see what it says; until then ${BY_HAND}`,
  };
}

export const HANGING: SmiFailure = {
  message: 'nvidia-smi does not answer: it was stopped after 5 s.',
  hint: 'The driver hangs; it is asked again from time to time, and a restart of the computer usually helps.',
};

function printable(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}]/gu, '').slice(0, 120);
}
