import type { ServerInfo } from '../../../shared/model.ts';
import type { SystemStats } from './replies.ts';

/** What the card of an instance tells about its server. */
export function serverInfo({ system, devices }: SystemStats): ServerInfo {
  const [device] = devices;
  return {
    comfyuiVersion: system.comfyui_version ?? null,
    pythonVersion: system.python_version ?? null,
    pytorchVersion: system.pytorch_version ?? null,
    deviceName: device?.name ?? null,
    // os.name up to 0.3.x, sys.platform later.
    windows: system.os === 'nt' || system.os === 'win32',
    vramTotal: device?.type === 'cpu' ? null : (device?.vram_total ?? null),
  };
}
