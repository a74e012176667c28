import type { ComfyHttp } from '../../comfy/http.ts';
import type { InstanceMonitor } from '../../comfy/monitor.ts';
import type { ComfyFile } from '../../comfy/outputs.ts';
import type { ApiPrompt } from '../../comfy/prompt.ts';
import type { Clock } from '../../ports.ts';

/** One prompt on one server, from its submission to the list of its files. Times are ms since the epoch. */

export interface AttemptServer {
  readonly http: Pick<ComfyHttp, 'submit' | 'history' | 'queue' | 'deleteQueued' | 'interrupt'>;
  readonly monitor: Pick<InstanceMonitor, 'clientId' | 'onMessage' | 'health' | 'onHealth' | 'knowPrompt'>;
}

export interface AttemptOrder {
  /** A lowercase UUID, fresh for each attempt. */
  readonly promptId: string;
  readonly prompt: ApiPrompt;
  readonly extraData: Readonly<Record<string, unknown>>;
  readonly server: AttemptServer;
  /** It was submitted in an earlier life of the control center: it is looked up, never submitted. */
  readonly reattach: boolean;
}

export interface AttemptDeps {
  readonly clock: Clock;
  /** Aborting takes the prompt, and nothing else, off the server. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: AttemptEvent) => void;
}

export type AttemptEvent =
  | { readonly kind: 'queued' }
  | { readonly kind: 'started'; readonly at: number }
  /** Another node, or a step of it; step and steps are null while it reports none. */
  | {
      readonly kind: 'step';
      readonly nodeId: string;
      /** Title, else class, else id. */
      readonly node: string;
      readonly step: number | null;
      readonly steps: number | null;
    }
  /** The first step of all: what came before was loading. */
  | { readonly kind: 'sampling'; readonly at: number }
  /** Files of a node, as soon as they are there. */
  | { readonly kind: 'executed'; readonly nodeId: string; readonly files: readonly ComfyFile[] }
  | { readonly kind: 'finished'; readonly at: number };

export interface AttemptOutput {
  readonly nodeId: string;
  readonly files: readonly ComfyFile[];
  readonly texts: readonly string[];
}

export interface AttemptResult {
  readonly promptId: string;
  /** As the server lists them; nodes without files and texts are left out. */
  readonly outputs: readonly AttemptOutput[];
  /** Node id → all that it shows, as its server has it in the history. */
  readonly shown: Readonly<Record<string, unknown>>;
}
