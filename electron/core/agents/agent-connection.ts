import type { CommandArgs, CommandName, CommandResult, Events } from '../../../shared/contract.ts';
import type { ServerAddress } from '../comfy/server-address.ts';

/** How the agent's events reach us right now. */
export type ConnectionState =
  | { readonly status: 'open' }
  /** `refused`: it answers, and does not know us. Tried again all the same. */
  | { readonly status: 'closed'; readonly reason: string; readonly refused: boolean };

/** The contract over a network that can fail: what a link needs of a transport. */
export interface AgentConnection {
  /** Begins to connect, and goes on until it is closed. */
  open(): void;
  close(): void;
  onState(listener: (state: ConnectionState) => void): () => void;
  subscribe<E extends 'fleet' | 'telemetry'>(event: E, listener: (payload: Events[E]) => void): () => void;
  /** @throws EnsembleError: the one that the agent answered, or `disconnected` */
  invoke<C extends CommandName>(
    command: C,
    args: CommandArgs<C>,
    signal?: AbortSignal,
  ): Promise<CommandResult<C>>;
  /** Tells the agent that we let go of it. */
  end(): Promise<void>;
}

export type Connect = (address: ServerAddress) => AgentConnection;
