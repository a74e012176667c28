import type { WorkerType } from '../../../shared/model.ts';

/** What a command line asks for about the workers of the fleet. */
export type WorkersAction =
  | { readonly action: 'help' }
  | { readonly action: 'list' }
  | ({ readonly action: 'add'; readonly address: string | null; readonly test: boolean } & WorkerWishes)
  | ({ readonly action: 'edit'; readonly target: string; readonly restart: boolean } & WorkerWishes)
  | ({
      readonly action: 'test';
      /** An id, a name or an address. */
      readonly target: string;
      /** A file, or "-" for what comes in; null = the nodes and models that any workflow needs. */
      readonly workflow: string | null;
    } & Pick<WorkerWishes, 'access' | 'trust'>)
  | { readonly action: 'remove'; readonly target: string };

/** What was said of a worker; null = as it is, or as is usual. */
export interface WorkerWishes {
  readonly type: WorkerType | null;
  readonly name: string | null;
  readonly host: string | null;
  readonly port: number | null;
  readonly secure: boolean | null;
  readonly path: string | null;
  readonly access: AccessSource | null;
  /** SHA-256 of the one certificate that is believed there. */
  readonly trust: string | null;
  /** Takes part in runs. */
  readonly selected: boolean | null;
  /** Of a local one: an index, a UUID or "cpu". */
  readonly gpu: string | null;
  /** Of a local one: ComfyUI's own flags. */
  readonly args: string | null;
}

/** Where a secret comes from: command lines are seen by every program of a machine. */
export type SecretSource =
  | { readonly from: 'environment'; readonly variable: string }
  /** "-" */
  | { readonly from: 'input' };

export type AccessSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'bearer'; readonly token: SecretSource }
  | { readonly kind: 'basic'; readonly user: string; readonly password: SecretSource }
  | { readonly kind: 'cloudflare'; readonly clientId: SecretSource; readonly clientSecret: SecretSource }
  | {
      readonly kind: 'headers';
      readonly headers: readonly { readonly name: string; readonly value: SecretSource }[];
    };
