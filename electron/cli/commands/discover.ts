import type { ControlClient } from '../../../shared/contract.ts';
import type { DiscoveryState, FoundKind, ScannedPort } from '../../../shared/discovery.ts';
import type { Scan } from '../agent-arguments.ts';
import { type Terminal, table } from '../terminal.ts';

const KINDS: Readonly<Record<FoundKind, string>> = {
  agent: 'Agent',
  'control-center': 'Control center',
  gateway: 'ComfyUI address of a fleet',
  comfyui: 'ComfyUI',
};
const STATES: Readonly<Record<ScannedPort['status'], string>> = {
  comfyui: 'ComfyUI',
  other: 'Something else',
  closed: 'No answer',
};

export async function printFound(
  client: ControlClient,
  terminal: Terminal,
  { json, scan }: { readonly json: boolean; readonly scan: Scan | null },
): Promise<void> {
  const result =
    scan === null
      ? await client.invoke('discovery.list', {})
      : await client.invoke('remote.scan', { ...scan });
  if (json) terminal.print(JSON.stringify(result));
  else if ('found' in result) for (const line of foundLines(result, terminal)) terminal.print(line);
  else for (const line of scanLines(result, terminal)) terminal.print(line);
}

function foundLines({ enabled, problem, found }: DiscoveryState, terminal: Terminal): readonly string[] {
  if (!enabled) return ['Discovery is off: Settings, “Other machines”, switches it on.'];
  const rows = found.map(({ kind, name, host, port, version, known }) => [
    { text: KINDS[kind] },
    { text: name },
    { text: `${host}:${port}` },
    { text: version ?? '–' },
    { text: known ? 'known' : '' },
  ]);
  return [
    ...(problem === null ? [] : [problem]),
    ...(rows.length === 0
      ? ['Nobody is found in this network so far.']
      : table(terminal, ['WHAT', 'NAME', 'ADDRESS', 'VERSION', ''], rows)),
  ];
}

function scanLines(ports: readonly ScannedPort[], terminal: Terminal): readonly string[] {
  const rows = ports.map(({ port, status, version, gpu, reason, known }) => [
    { text: String(port) },
    { text: STATES[status], tone: status === 'comfyui' ? ('ok' as const) : ('neutral' as const) },
    { text: version ?? '–' },
    { text: printable(gpu ?? reason ?? '–') },
    { text: known ? 'a worker already' : '' },
  ]);
  return table(terminal, ['PORT', 'WHAT', 'VERSION', 'GPU', ''], rows);
}

/** What strangers answer must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, '?').slice(0, 100);
}
