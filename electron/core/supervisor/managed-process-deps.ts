import type { InstanceId } from '../../../shared/model.ts';
import type { Clock, Logger, Random } from '../ports.ts';
import type { ProcessSystem } from './child-process.ts';
import type { StopLimits } from './end-tree.ts';
import type { HealthTiming } from './health-watch.ts';
import type { LaunchPlan } from './launch-plan.ts';
import type { ChildLog } from './log-tail.ts';
import type { ProcessRegistry } from './registry.ts';
import type { RestartTiming } from './restart-policy.ts';

export interface SupervisorPolicy {
  readonly restartCrashed: boolean;
  readonly readyTimeoutMs: number;
  /** What the guardian does when the control center is gone. */
  readonly stopOnExit: boolean;
  readonly health?: HealthTiming;
  readonly restart?: RestartTiming;
  readonly stop?: StopLimits;
}

export interface ManagedProcessDeps {
  readonly id: InstanceId;
  readonly plan: () => Promise<LaunchPlan>;
  readonly log: ChildLog;
  readonly registry: ProcessRegistry;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Resolves when its ComfyUI answers and is the right one; rejects otherwise. */
  readonly probe: (signal: AbortSignal) => Promise<void>;
  readonly checkPort: (port: number) => Promise<'free' | 'taken'>;
  readonly port: () => number;
  readonly policy: () => SupervisorPolicy;
  readonly memory: () => { readonly used: number; readonly total: number } | null;
  /** The machine's own unless given. */
  readonly system?: ProcessSystem;
}
