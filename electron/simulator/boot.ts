import { rmSync } from 'node:fs';
import os from 'node:os';
import type { Device } from './machine/device.ts';
import type { LogBook } from './machine/log-book.ts';
import type { ServerOptions } from './options.ts';
import { PYTHON_VERSION, TORCH_VERSION } from './routes/info-routes.ts';

const MIB = 1024 * 1024;

/** Start-up lines of 0.3.64 and 0.33.0, as shares of the boot time after which they appear. */
export function bootLines(
  options: ServerOptions,
  device: Device,
  version: string,
): readonly (readonly [at: number, line: string])[] {
  const memory = `Total VRAM ${Math.round(device.memoryTotal / MIB)} MB, total RAM ${Math.round(os.totalmem() / MIB)} MB`;
  const name = options.cpu
    ? 'cpu'
    : `cuda:0 ${device.gpu?.name ?? 'NVIDIA GeForce RTX 4090'} : cudaMallocAsync`;
  const { output, input, user, temp } = options.directories;
  return [
    [0.05, `Setting output directory to: ${output}`],
    [0.05, `Setting input directory to: ${input}`],
    [0.05, `Setting user directory to: ${user}`],
    [0.3, 'Checkpoint files will always be loaded safely.'],
    [0.45, memory],
    [0.45, `pytorch version: ${options.cpu ? '2.9.1+cpu' : TORCH_VERSION}`],
    [0.5, `Set vram state to: ${options.cpu ? 'DISABLED' : 'NORMAL_VRAM'}`],
    [0.5, `Device: ${name}`],
    [0.6, options.cpu ? 'Using sub quadratic optimization for attention' : 'Using pytorch attention'],
    [0.65, `Python version: ${PYTHON_VERSION}`],
    [0.65, `ComfyUI version: ${version}`],
    [0.7, `Setting temp directory to: ${temp}`],
    [0.75, '[Prompt Server] web root: (simulated)'],
    [0.92, '\nImport times for custom nodes:'],
    [0.92, '   0.0 seconds: custom_nodes/websocket_image_save.py'],
    [0.92, ''],
    [0.97, 'Context impl SQLiteImpl.'],
    [0.97, 'Will assume non-transactional DDL.'],
    [1, 'Starting server\n'],
  ];
}

/** Prints the lines over `bootMs` of real time; temp goes before the port is bound, as on the real server. */
export async function boot(
  options: ServerOptions,
  device: Device,
  version: string,
  logBook: LogBook,
  bootMs: number,
  until = 1,
): Promise<void> {
  rmSync(options.directories.temp, { recursive: true, force: true });
  let passed = 0;
  for (const [at, line] of bootLines(options, device, version)) {
    if (at > until) return;
    if (at > passed) await pause((at - passed) * bootMs);
    passed = at;
    logBook.log(line);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
