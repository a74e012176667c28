import type { RunId } from '../../../../shared/runs.ts';

/** A line of /api/jobs as text, with what lists are sorted and filtered by. */
export interface FinishedLine {
  readonly runId: RunId;
  readonly promptId: string;
  readonly status: string;
  readonly workflowId: unknown;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** ms; 0 when it never ran. */
  readonly duration: number;
  readonly text: string;
}

interface Kept {
  readonly runId: RunId;
  readonly promptId: string;
  /** Grows with each end. */
  readonly place: number;
  /** The line as text. */
  readonly summary: string;
}

/** Pages ask for these every few seconds: read once, when the first one asks, and then kept up. */
export class FinishedLines {
  #lines: Map<RunId, FinishedLine & { readonly place: number }> | null = null;

  constructor(
    private readonly most: number,
    private readonly readAll: () => readonly Kept[],
  ) {}

  /** In the order of the ends. */
  get all(): readonly FinishedLine[] {
    this.#lines ??= new Map(this.readAll().map((one) => [one.runId, lineOf(one)]));
    return [...this.#lines.values()];
  }

  /** Takes the place of others with its prompt id, and of what is too long ago. */
  add(one: Kept): void {
    const oldest = one.place - this.most;
    this.remove(
      ({ runId, promptId, place }) => runId === one.runId || promptId === one.promptId || place <= oldest,
    );
    this.#lines?.set(one.runId, lineOf(one));
  }

  remove(isMeant: (line: FinishedLine & { readonly place: number }) => boolean): void {
    for (const line of this.#lines?.values() ?? []) if (isMeant(line)) this.#lines?.delete(line.runId);
  }
}

function lineOf({ summary, ...kept }: Kept): FinishedLine & { readonly place: number } {
  const line: Readonly<Record<string, unknown>> = JSON.parse(summary);
  return {
    ...kept,
    status: String(line['status']),
    workflowId: line['workflow_id'],
    createdAt: Number(line['create_time'] ?? 0),
    duration: durationOf(line),
    text: summary,
  };
}

function durationOf(line: Readonly<Record<string, unknown>>): number {
  const [start, end] = [Number(line['execution_start_time'] ?? 0), Number(line['execution_end_time'] ?? 0)];
  return start > 0 && end > 0 ? end - start : 0;
}
