import type { InstanceId } from './model.ts';

/** Other machines that run `ensemble agent`, and what this machine is as one of them. */

/** What pairing has agreed on; the token is kept apart, with the secrets. */
export interface AgentSettings {
  readonly id: string;
  readonly name: string;
  /** A name or an address; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** The one certificate (PEM) that is believed there. */
  readonly certificate: string;
  /** Its instances that have become workers here; one that a person removed does not come back by itself. */
  readonly known: readonly InstanceId[];
}

/** `since`: ms since the epoch. */
export type AgentLinkState =
  | { readonly status: 'connecting'; readonly since: number }
  | { readonly status: 'online'; readonly since: number }
  /** Tried again all the time. */
  | { readonly status: 'offline'; readonly since: number; readonly reason: string }
  /** It does not know us any more: only pairing anew helps. */
  | { readonly status: 'refused'; readonly since: number; readonly reason: string };

/** A paired machine, as it is now. */
export interface AgentStatus {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** SHA-256 of its certificate, upper-case hex pairs with colons. */
  readonly fingerprint: string;
  readonly link: AgentLinkState;
  readonly gpus: readonly string[];
  /** Our workers that are its instances. */
  readonly workers: readonly InstanceId[];
}

/** A control center that this machine works for. */
export interface MasterOfAgent {
  readonly id: string;
  readonly name: string;
  /** When it was paired, ms since the epoch. */
  readonly since: number;
  readonly connected: boolean;
}

/** One-time, for ten minutes. */
export interface PairingCode {
  /** For people, e.g. "7KQ2-M9XD". */
  readonly code: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
}

/** This machine as an agent of others. */
export interface AgentSideStatus {
  readonly id: string;
  readonly name: string;
  /** Where masters reach it, e.g. "192.168.1.20:8290". */
  readonly addresses: readonly string[];
  readonly fingerprint: string;
  readonly masters: readonly MasterOfAgent[];
}

/** The port of `ensemble agent` unless a person chooses another. */
export const DEFAULT_AGENT_PORT = 8290;

export interface AgentCommands {
  'agents.list': { args: Readonly<Record<string, never>>; result: readonly AgentStatus[] };
  /** Resolves when both sides have proved the code and the machine's GPUs are workers here. */
  'agents.pair': {
    args: { readonly host: string; readonly port: number; readonly code: string };
    result: { readonly id: string; readonly name: string; readonly workers: readonly InstanceId[] };
  };
  /** Also removes its workers; the machine is told where it can be reached. */
  'agents.unpair': { args: { readonly id: string }; result: null };

  /** This machine's own side; null where it is no agent. */
  'agent.status': { args: Readonly<Record<string, never>>; result: AgentSideStatus | null };
  /** The code that is open, or a new one. */
  'agent.code': { args: Readonly<Record<string, never>>; result: PairingCode };
  /** Ends what the master has open here and refuses it from then on. */
  'agent.dismiss': { args: { readonly id: string }; result: null };
}
