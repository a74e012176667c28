/** What a controller process and the processes of its workers tell each other over IPC. */

/** How the workers of one process behave. */
export interface WorkersSetting {
  readonly count: number;
  /** Of one prompt; 0 = at once, null = until the process ends. */
  readonly computeMs: number | null;
  /** Width and height of the pictures, pixels. */
  readonly side: number;
  /** `progress`, `progress_state` and `status` of each worker that computes; 0 = only what begins and ends a prompt. */
  readonly messagesPerSecond: number;
  /** Tells of every prompt when it comes instead of when it is asked. */
  readonly tellPosts: boolean;
}

/** Moments on the monotonic clock of this machine, ms: the same in every process. */
export interface Stamps {
  /** By prompt id: its POST had come whole. */
  readonly posted: Readonly<Record<string, number>>;
  /** By prompt id: the last byte of its file was written to the socket. */
  readonly sent: Readonly<Record<string, number>>;
  /** What prompts took instead of `computeMs`. */
  readonly computed: readonly number[];
}

/** Over all sockets of all workers since they began, both ways. */
export interface Traffic {
  readonly bytes: number;
  readonly messages: number;
}

export type ToWorkers = { readonly ask: 'stamps' | 'traffic' };

export interface Posted {
  readonly worker: number;
  /** As text: seeds reach 2^64 − 1. */
  readonly seed: string;
  readonly at: number;
}

export type FromWorkers =
  | { readonly kind: 'ready'; readonly ports: readonly number[] }
  | { readonly kind: 'stamps'; readonly stamps: Stamps }
  | { readonly kind: 'traffic'; readonly traffic: Traffic }
  | ({ readonly kind: 'posted' } & Posted);

export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
