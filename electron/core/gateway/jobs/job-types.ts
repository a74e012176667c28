import type { RunId } from '../../../../shared/runs.ts';

/** A prompt that a client posted, as it is kept. Texts are JSON, exact to the digit. */
export interface JobRecord {
  readonly runId: RunId;
  /** The client's own, or ours. */
  readonly promptId: string;
  /** Place in the queue, as ComfyUI counts: lower first. */
  readonly number: number;
  readonly clientId: string | null;
  /** Who posted it: address and program. */
  readonly caller: string;
  readonly createdAt: number;
  readonly prompt: string;
  /** Without what must not be written down. */
  readonly extraData: string;
  /** Ids of the output nodes that run. */
  readonly outputs: string;
}

export interface JobEnding {
  readonly endedAt: number;
  /** JSON text of its history entry without the prompt. */
  readonly ending: string;
  /** JSON text of its line in the list of jobs. */
  readonly summary: string;
}

/** What one node of the user's graph shows, as its server says it. */
export type ShownNode = readonly [nodeId: string, output: unknown];

/** Event and data, as they go over the socket and into the history. */
export type JobMessage = readonly [event: string, data: Readonly<Record<string, unknown>>];
