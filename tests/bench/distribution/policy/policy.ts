import type { Job } from './server.ts';

export interface Command {
  readonly kind: 'dispatch' | 'revoke' | 'interrupt';
  readonly job: Job;
  readonly worker: string;
  readonly backup: boolean;
}

/** What the simulation asks of a way to place jobs. Times are ms. */
export interface Policy {
  readonly name: string;
  arrived(jobs: readonly Job[], now: number): void;
  started(job: Job, worker: string, now: number): void;
  progress(job: Job, worker: string, fraction: number, now: number): void;
  /** @returns false when somebody else's copy was first */
  finished(job: Job, worker: string, now: number, seconds: number, loadSeconds: number): boolean;
  revoked(job: Job, worker: string): void;
  /** An interrupted copy is gone. */
  released(job: Job, worker: string): void;
  /** @param works that were there */
  workerDied?(worker: string, works: readonly Job[], now: number): void;
  workerBack?(worker: string): void;
  decide(now: number): readonly Command[];
  nextWakeUp(now: number): number | null;
}
