import type { GpuInfo } from '../../../shared/model.ts';
import type { FoundInstalls } from '../installs/find.ts';

/** What the doctor has seen of this machine; findings.ts judges it. */
export interface DoctorFacts {
  readonly gpus: GpuFacts;
  readonly installs: FoundInstalls;
  readonly pythons: readonly PythonFact[];
  readonly ports: readonly PortFact[];
  readonly disk: { readonly free: number; readonly total: number } | null;
  readonly data: DataFacts;
  readonly electron: ElectronFacts;
}

export type GpuFacts =
  | {
      readonly status: 'ok';
      readonly command: string;
      readonly driver: string | null;
      readonly gpus: readonly GpuInfo[];
    }
  | { readonly status: 'failed'; readonly message: string; readonly hint: string };

export interface PythonFact {
  readonly python: string;
  /** e.g. "3.12.4"; null when it does not run. */
  readonly version: string | null;
}

export interface PortFact {
  readonly port: number;
  /** What we want it for, e.g. "the master". */
  readonly purpose: string;
  readonly taken: boolean;
  /** Who has it, as far as can be told; null when free or unknown. */
  readonly owner: 'ensemble' | 'comfyui' | null;
}

export interface DataFacts {
  readonly directory: string;
  /** null = writable; otherwise why it is not. */
  readonly problem: string | null;
}

export interface ElectronFacts {
  /** null = not fetched yet. */
  readonly version: string | null;
  readonly hasDisplay: boolean;
}
