import type { ProcessState } from '../../../shared/lifecycle.ts';
import type { GpuInfo, GpuSample } from '../../../shared/model.ts';
import type { LogSource } from '../logs/log-source.ts';

/** Somebody on the machine of a remote worker who starts and stops its server, reads its log and its GPU: an agent. */
export interface Keeper {
  /** As it was last told. */
  readonly process: ProcessState;
  readonly log: LogSource;
  readonly gpu: GpuInfo | null;
  readonly sample: GpuSample | null;
  /** Whether it can be asked now; a sentence that says why not. */
  readonly unreachable: string | null;
  onChange(listener: () => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}
