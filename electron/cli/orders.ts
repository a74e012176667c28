import type { ScriptShell } from '../../shared/models.ts';
import type { AgentOrder } from './agent-arguments.ts';
import type { ProviderOrder } from './provider-arguments.ts';
import type { RunRequest } from './run-arguments.ts';
import type { WorkersOrder } from './workers/arguments.ts';

/** What a command line asks for. */
export type Order =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'serve'; readonly args: readonly string[] }
  | AgentOrder
  | ProviderOrder
  | WorkersOrder
  | (Common & { readonly command: 'open'; readonly open: boolean })
  | (Common & { readonly command: 'status' })
  | (Common & { readonly command: 'gateway'; readonly showToken: boolean })
  | (Common & { readonly command: 'gpus' })
  | (Common & { readonly command: 'doctor' })
  | (Common & { readonly command: PowerCommand; readonly target: string | null })
  | (Common & {
      readonly command: 'logs';
      readonly target: string;
      readonly follow: boolean;
      readonly lines: number;
    })
  | (Common & RunRequest & RunOutput & { readonly command: 'run' })
  | (Common & RunRequest & { readonly command: 'plan'; readonly shard: number | null })
  | (Common & { readonly command: 'runs'; readonly limit: number })
  | (Common & { readonly command: RunCommand; readonly target: string })
  | (Common & { readonly command: 'queue'; readonly action: QueueAction })
  | (Common & TunnelOrder & { readonly command: 'tunnel' })
  | (Common & ModelsRequest & { readonly command: 'models' });

export interface ModelsRequest {
  /** Path of a file; "-" = standard input. */
  readonly workflow: string;
  /** Print the script that downloads what is missing; null = tell what is missing. */
  readonly script: ScriptShell | null;
  /** Id or name of one instance; null = all of them. */
  readonly worker: string | null;
}

/** Where the results of `run` go. */
export interface RunOutput {
  /** Folder for a copy of every file; null = none. */
  readonly out: string | null;
  /** False: the run is submitted, and that is all. */
  readonly wait: boolean;
  /** null = after the file. */
  readonly name: string | null;
}

export type TunnelAction = 'start' | 'stop' | 'status' | 'download';

export interface TunnelOrder {
  readonly action: TunnelAction;
  /** The public name of a named tunnel; null = a quick one. */
  readonly host: string | null;
  /** The person knows what becomes public. */
  readonly yes: boolean;
  readonly json: boolean;
}

export type RunCommand = 'cancel' | 'retry' | 'again';
export type QueueAction = 'pause' | 'resume';
export type PowerCommand = 'start' | 'stop' | 'restart';

export interface Common {
  readonly json: boolean;
  /** null = the platform's usual place. */
  readonly data: string | null;
}
