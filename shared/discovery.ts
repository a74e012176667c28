/** What is found on the network, and what a person asks for port by port. */

export type FoundKind = 'agent' | 'control-center' | 'gateway' | 'comfyui';

/** Somebody who announced themselves by mDNS. Whatever they say of themselves has been cleaned, not proved. */
export interface FoundPlace {
  /** Of its machine, or of its address where it names none. */
  readonly id: string;
  readonly kind: FoundKind;
  readonly name: string;
  /** An address of this network; IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  readonly version: string | null;
  /** Paired, or a worker already. */
  readonly known: boolean;
}

export interface DiscoveryState {
  readonly enabled: boolean;
  /** Why nobody can be found though it is on, in words. */
  readonly problem: string | null;
  readonly found: readonly FoundPlace[];
}

/** What listens on one port of a machine. */
export interface ScannedPort {
  readonly port: number;
  readonly status: 'comfyui' | 'other' | 'closed';
  /** Of a ComfyUI. */
  readonly version: string | null;
  readonly gpu: string | null;
  /** bytes */
  readonly vramTotal: number | null;
  /** Why it is none; null for a ComfyUI. */
  readonly reason: string | null;
  /** It is a worker already. */
  readonly known: boolean;
}

/** A worker that the ComfyUI-Distributed plugin on another machine knows. */
export interface PluginPlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly path: string;
  readonly known: boolean;
}

/** Ports of one machine that are asked at once, at most. */
export const MOST_SCANNED_PORTS = 64;

export interface DiscoveryCommands {
  'discovery.list': { args: Readonly<Record<string, never>>; result: DiscoveryState };
  /** Asks the named ports of one machine, and no others: "8188-8191,8200", at most 64. */
  'remote.scan': {
    args: { readonly host: string; readonly ports: string };
    result: readonly ScannedPort[];
  };
  /** The worker list of the plugin there, as suggestions; its own machine stands for "localhost". */
  'remote.pluginWorkers': {
    args: { readonly host: string; readonly port: number };
    result: readonly PluginPlace[];
  };
}
