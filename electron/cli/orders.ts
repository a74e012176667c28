import type { AgentOrder } from './agent-arguments.ts';
import type { RunRequest } from './run-arguments.ts';
import type { WorkersOrder } from './workers/arguments.ts';

/** What a command line asks for. */
export type Order =
  | { readonly command: 'help' }
  | { readonly command: 'version' }
  | { readonly command: 'serve'; readonly args: readonly string[] }
  | AgentOrder
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
  | (Common & { readonly command: 'queue'; readonly action: QueueAction });

/** Where the results of `run` go. */
export interface RunOutput {
  /** Folder for a copy of every file; null = none. */
  readonly out: string | null;
  /** False: the run is submitted, and that is all. */
  readonly wait: boolean;
  /** null = after the file. */
  readonly name: string | null;
}

export type RunCommand = 'cancel' | 'retry' | 'again';
export type QueueAction = 'pause' | 'resume';
export type PowerCommand = 'start' | 'stop' | 'restart';

export interface Common {
  readonly json: boolean;
  /** null = the platform's usual place. */
  readonly data: string | null;
}
