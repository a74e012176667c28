import { conditionOf, fleetPulse, modeBadge } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../../shared/model.ts';
import { type Cell, paint, type Terminal, table } from '../terminal.ts';

const HEADER = ['ID', 'NAME', 'STATE', 'DEVICE', 'PORT', 'QUEUE'];

export async function printStatus(client: ControlClient, terminal: Terminal, json: boolean): Promise<void> {
  const fleet = await client.invoke('fleet.snapshot', {});
  const { gatewayUrl } = await client.invoke('system.info', {});
  if (json) {
    terminal.print(JSON.stringify({ ...fleet, gateway: gatewayUrl }));
    return;
  }
  for (const line of statusLines(fleet, terminal, Date.now())) terminal.print(line);
  if (gatewayUrl !== null) terminal.print(`\nComfyUI address of the whole fleet: ${gatewayUrl}`);
}

/** @param now ms since the epoch */
export function statusLines(fleet: FleetSnapshot, terminal: Terminal, now: number): readonly string[] {
  const { ready, total, queued } = fleetPulse(fleet);
  const badge = modeBadge(fleet.mode);
  const pulse = `${ready} of ${total} ready, ${queued} queued`;
  const mode = paint(terminal, badge.tone, badge.text);
  return [
    ...setupLines(fleet, terminal),
    `${pulse}  ·  ${mode}`,
    ...(badge.detail === null ? [] : [badge.detail]),
    ...(total === 0
      ? []
      : [
          '',
          ...table(
            terminal,
            HEADER,
            fleet.instances.map((one) => rowOf(one, fleet, now)),
          ),
        ]),
  ];
}

function setupLines(fleet: FleetSnapshot, terminal: Terminal): readonly string[] {
  switch (fleet.setup.status) {
    case 'demo':
      return [paint(terminal, 'warning', 'Demo fleet (simulated)')];
    case 'searching':
      return ['Looking for ComfyUI…'];
    case 'no-comfyui':
      return ['No ComfyUI is set up: `ensemble open` leads to the page where it is picked.'];
    default:
      return [];
  }
}

function rowOf(instance: InstanceSnapshot, fleet: FleetSnapshot, now: number): readonly Cell[] {
  const condition = conditionOf(instance, now);
  return [
    { text: instance.id },
    { text: instance.name },
    { text: condition.word, tone: condition.tone },
    { text: deviceOf(instance, fleet) },
    { text: String(instance.port) },
    { text: instance.queue === null ? '–' : String(instance.queue) },
  ];
}

function deviceOf(instance: InstanceSnapshot, fleet: FleetSnapshot): string {
  const { remote, server, gpuUuid, device } = instance;
  const gpu = remote?.agent?.gpu ?? fleet.gpus.find((candidate) => candidate.uuid === gpuUuid);
  if (gpu != null) return `GPU ${gpu.index} ${gpu.name}`;
  return remote === null ? device : (server?.deviceName ?? '–');
}
