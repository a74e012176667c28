import type { GatewayClient } from '../../../../shared/contract.ts';
import { plainAddress } from './addresses.ts';

/** Who is connected: open sockets, and programs without one whose prompts are still here. Pure. */

const MOST_CLIENTS = 200;
/** What strangers call themselves is shown, but not at any length. */
const MOST_LETTERS = 200;

export interface Connection {
  readonly id: string;
  readonly address: string;
  readonly program: string;
  readonly clientId: string;
  readonly since: number;
}

/** An unfinished prompt. */
export interface OpenPrompt {
  readonly clientId: string | null;
  /** Address and program, as the routes write them down. */
  readonly caller: string;
  readonly createdAt: number;
}

export function clientsOf(
  connections: readonly Connection[],
  prompts: readonly OpenPrompt[],
): { readonly clients: readonly GatewayClient[]; readonly clientCount: number } {
  const counts = new Map<string | null, number>();
  for (const { clientId } of prompts) counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
  const listening = connections.map((connection): GatewayClient => {
    return { ...connection, prompts: counts.get(connection.clientId) ?? 0, connected: true };
  });
  const present = new Set(connections.map(({ clientId }) => clientId));
  const waiting = prompts.filter(({ clientId }) => clientId === null || !present.has(clientId));
  const all = [...listening, ...byCaller(waiting)].sort((a, b) => a.since - b.since);
  return { clients: all.slice(0, MOST_CLIENTS).map(shown), clientCount: all.length };
}

function byCaller(prompts: readonly OpenPrompt[]): readonly GatewayClient[] {
  const callers = new Map<string, GatewayClient>();
  for (const { caller, clientId, createdAt } of prompts) {
    const key = JSON.stringify([caller, clientId]);
    const known = callers.get(key);
    const cut = caller.indexOf(' ');
    callers.set(key, {
      id: key,
      address: cut < 0 ? caller : caller.slice(0, cut),
      program: cut < 0 ? '' : caller.slice(cut + 1),
      ...{ clientId, connected: false },
      since: Math.min(createdAt, known?.since ?? createdAt),
      prompts: (known?.prompts ?? 0) + 1,
    });
  }
  return [...callers.values()];
}

function shown(client: GatewayClient): GatewayClient {
  return {
    ...client,
    address: plainAddress(client.address),
    program: client.program.slice(0, MOST_LETTERS),
    clientId: client.clientId?.slice(0, MOST_LETTERS) ?? null,
  };
}
