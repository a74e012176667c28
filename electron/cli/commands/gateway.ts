import type { ControlClient, GatewayClient, GatewayStatus } from '../../../shared/contract.ts';
import { type Terminal, table } from '../terminal.ts';

const HEADER = ['ADDRESS', 'PROGRAM', 'CLIENT', 'SINCE', 'PROMPTS'];

export interface GatewayOrder {
  readonly json: boolean;
  readonly showToken: boolean;
}

/** The token goes where nobody asked for it neither into a scrollback nor into a log. */
export async function printGateway(
  client: ControlClient,
  terminal: Terminal,
  { json, showToken }: GatewayOrder,
): Promise<void> {
  const status = await client.invoke('gateway.status', {});
  const token = showToken ? (await client.invoke('gateway.token', {})).token : null;
  if (json) {
    terminal.print(JSON.stringify(token === null ? status : { ...status, token }));
    return;
  }
  for (const line of gatewayLines(status, token, terminal)) terminal.print(line);
}

function gatewayLines(status: GatewayStatus, token: string | null, terminal: Terminal): readonly string[] {
  const { url, addresses, clients, clientCount } = status;
  if (url === null) return ['The fleet has no ComfyUI address now: `ensemble open` shows why.'];
  const hidden = clientCount - clients.length;
  return [
    `ComfyUI address of the whole fleet: ${url}`,
    reachOf(status),
    ...(token === null ? [] : [`Token: ${token}`]),
    ...(addresses.length > 0 && token === null ? ['`ensemble gateway --show-token` prints the token.'] : []),
    '',
    ...(clients.length === 0 ? ['Nobody is connected.'] : table(terminal, HEADER, clients.map(rowOf))),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ];
}

function reachOf({ open, addresses }: GatewayStatus): string {
  if (open) return `Open to the network, with the token: ${addresses.join(', ')}`;
  if (addresses.length > 0)
    return `Open to the internet by a tunnel, with the token: ${addresses.join(', ')}`;
  return 'For this machine alone; Settings, “ComfyUI address”, opens it to the network.';
}

function rowOf({ address, program, clientId, since, prompts }: GatewayClient) {
  const texts = [
    printable(address),
    printable(program),
    printable(clientId ?? ''),
    timeOf(since),
    String(prompts),
  ];
  return texts.map((text) => ({ text: text === '' ? '–' : text }));
}

/** What strangers call themselves must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, '?').slice(0, 60);
}

function timeOf(since: number): string {
  return new Date(since).toISOString().slice(0, 19).replace('T', ' ');
}
