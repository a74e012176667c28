import type { StopStage } from '../../../shared/lifecycle.ts';
import { type Clock, sleep, systemClock } from '../ports.ts';
import { type ProcessRow, type ProcessTable, systemTable } from './process-table.ts';
import {
  membersOf,
  type ProcessIdentity,
  type SendSignal,
  SIGNALS,
  STAGES,
  sendSignal,
  signalMembers,
} from './process-tree.ts';

/** ms that each stage may take before the next; after `kill` we give up waiting. */
export type StopLimits = Readonly<Record<StopStage, number>>;

export const STOP_LIMITS: StopLimits = { interrupt: 8_000, terminate: 4_000, kill: 5_000 };

/** How long helpers may outlive their root within one stage before the next one comes. */
const HELPER_GRACE_MS = 1_000;
const POLL_MS = process.platform === 'linux' ? 50 : 300;

/** A child whose exit is observed: it may be signalled when the table cannot be read, since its pid is certain. */
export interface OwnChild {
  readonly hasExited: () => boolean;
  readonly signal: (name: NodeJS.Signals) => void;
}

export interface EndOptions {
  readonly limits?: StopLimits;
  readonly clock?: Clock;
  readonly onStage?: (stage: StopStage) => void;
  readonly first?: StopStage;
  /** Absent when the root is not our child: an identity that cannot be confirmed is then never signalled. */
  readonly own?: OwnChild | undefined;
  readonly table?: ProcessTable;
  readonly send?: SendSignal;
  /**
   * Words that only this server's command line holds: whoever runs with them is it, also after it forked away into
   * another session and the process that we started has ended.
   */
  readonly marker?: string;
}

/**
 * Ends a whole tree and nothing else: SIGINT to the group, SIGTERM, SIGKILL, each after a bounded wait, and the same to
 * descendants that left the group. Works after the root's own death too (its helpers may live on).
 * @returns true when all of it was seen to be gone; false too when the process table could not be read
 */
export async function endTree(root: ProcessIdentity, options: EndOptions = {}): Promise<boolean> {
  const ending = new Ending(root, options);
  const from = process.platform === 'win32' ? 'kill' : (options.first ?? 'interrupt');
  for (const stage of STAGES.slice(STAGES.indexOf(from))) {
    if (await ending.isGone()) return true;
    options.onStage?.(stage);
    if (await ending.pass(stage)) return true;
  }
  return ending.isGone();
}

class Ending {
  readonly #root: ProcessIdentity;
  readonly #options: EndOptions;
  readonly #clock: Clock;
  /** pid → start time of everything that was once seen to belong to the tree. */
  readonly #known: Map<number, string>;

  constructor(root: ProcessIdentity, options: EndOptions) {
    this.#root = root;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#known = new Map([[root.pid, root.startTime]]);
  }

  async isGone(): Promise<boolean> {
    return (await this.#look())?.length === 0;
  }

  /** Signals and waits. @returns true when nothing is left */
  async pass(stage: StopStage): Promise<boolean> {
    const { limits = STOP_LIMITS } = this.#options;
    const deadline = this.#clock.now() + limits[stage];
    let told = false;
    let rootGoneAt: number | null = null;
    for (;;) {
      const members = await this.#look();
      if (members?.length === 0) return true;
      // Again at every look of the last stage: something may be forked between the look and the signal.
      if (!told || stage === 'kill') told = await this.#signal(members, stage);
      const now = this.#clock.now();
      if (now >= deadline) return false;
      if (this.#isRootGone(members)) {
        rootGoneAt ??= now;
        // Of a dead child's helpers nothing can be learnt without the table.
        if ((stage !== 'kill' || members === null) && now - rootGoneAt >= HELPER_GRACE_MS) return false;
      }
      await sleep(this.#clock, POLL_MS);
    }
  }

  /** What is left of the tree; null when the table cannot be read, which says nothing. */
  async #look(): Promise<readonly ProcessRow[] | null> {
    const rows = await (this.#options.table ?? systemTable).list().catch(() => null);
    if (rows === null) return null;
    const related = membersOf(rows, this.#root, this.#known);
    const members = [...related, ...this.#twins(rows, related)];
    for (const { pid, startTime } of members) this.#known.set(pid, startTime);
    return members;
  }

  #twins(rows: readonly ProcessRow[], related: readonly ProcessRow[]): readonly ProcessRow[] {
    const { marker } = this.#options;
    if (marker === undefined) return [];
    const seen = new Set(related.map((row) => row.pid));
    return rows.filter(
      ({ command, pid }) => `${command} `.includes(`${marker} `) && !seen.has(pid) && pid !== process.pid,
    );
  }

  /** @returns true when the signal reached all that are to be reached */
  async #signal(members: readonly ProcessRow[] | null, stage: StopStage): Promise<boolean> {
    if (members === null) {
      this.#options.own?.signal(SIGNALS[stage]);
      return false;
    }
    await signalMembers(members, this.#root, stage, this.#options.send ?? sendSignal);
    return true;
  }

  #isRootGone(members: readonly ProcessRow[] | null): boolean {
    if (members === null) return this.#options.own?.hasExited() ?? false;
    return !members.some((row) => row.pid === this.#root.pid);
  }
}
