import path from 'node:path';
import { isExecutable, which } from '../programs/which.ts';
import type { SmiCommand } from './inventory-query.ts';

/** NVIDIA's own places, for when PATH lacks them: System32 and NVSMI on Windows, the driver mount of WSL. */
export function usualSmiPlaces(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): readonly string[] {
  if (platform === 'win32') {
    const { join } = path.win32;
    const system = env['SystemRoot'] ?? env['windir'] ?? 'C:\\Windows';
    const programs = [env['ProgramW6432'], env['ProgramFiles'], 'C:\\Program Files'].filter(
      (folder): folder is string => folder !== undefined && folder !== '',
    );
    return [
      join(system, 'System32', 'nvidia-smi.exe'),
      ...[...new Set(programs)].map((folder) =>
        join(folder, 'NVIDIA Corporation', 'NVSMI', 'nvidia-smi.exe'),
      ),
    ];
  }
  return [
    '/usr/lib/wsl/lib/nvidia-smi',
    '/usr/bin/nvidia-smi',
    '/usr/local/bin/nvidia-smi',
    '/opt/bin/nvidia-smi',
  ];
}

/** @returns nvidia-smi's absolute path as a command, PATH first; null when there is none */
export async function locateNvidiaSmi(
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<SmiCommand | null> {
  const onPath = await which('nvidia-smi', env, platform);
  if (onPath !== null) return real(onPath);
  for (const file of usualSmiPlaces(env, platform)) {
    if (await isExecutable(file)) return real(file);
  }
  return null;
}

function real(file: string): SmiCommand {
  return { command: [file], environment: {}, simulated: false };
}
