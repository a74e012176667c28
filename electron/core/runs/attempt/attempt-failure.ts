import { EnsembleError, type ErrorCode } from '../../../../shared/errors.ts';
import type { ShardError } from '../../../../shared/runs.ts';
import type { PromptRefused } from '../../comfy/refusal.ts';
import { isWorkersFault } from './workers-fault.ts';

export type AttemptFailureKind =
  /** Its server died, hung, forgot it or talks nonsense. */
  | 'lost'
  /** The server does not take the prompt; `missing` says what it lacks. */
  | 'refused'
  /** A node raised an exception: `error`. */
  | 'execution'
  /** Somebody else interrupted it or removed it from the queue. */
  | 'interrupted'
  /** Our own signal; the prompt was taken off the server. */
  | 'cancelled'
  /** The server lives, its sampler does not. */
  | 'stalled';

const CODES: Readonly<Record<AttemptFailureKind, ErrorCode>> = {
  lost: 'disconnected',
  refused: 'bad-argument',
  execution: 'unavailable',
  interrupted: 'unavailable',
  cancelled: 'unavailable',
  stalled: 'timeout',
};

interface Details {
  readonly missing?: PromptRefused['missing'];
  readonly error?: ShardError;
  readonly workersFault?: boolean;
  readonly cause?: unknown;
}

/** Why an attempt ended without a result. */
export class AttemptFailure extends EnsembleError {
  /** What another server may have; null unless refused. */
  readonly missing: PromptRefused['missing'];
  /** Null unless a node raised it. */
  readonly error: ShardError | null;
  /** Another worker may well succeed with the same prompt: it lacks memory, a model or a node. */
  readonly workersFault: boolean;

  constructor(
    readonly kind: AttemptFailureKind,
    message: string,
    details: Details = {},
  ) {
    super(CODES[kind], message, null, [], { cause: details.cause });
    this.missing = details.missing ?? null;
    this.error = details.error ?? null;
    this.workersFault = details.workersFault ?? false;
  }

  static lost(message: string, cause?: unknown): AttemptFailure {
    return new AttemptFailure('lost', message, { cause });
  }

  static refused(refusal: PromptRefused): AttemptFailure {
    const { message, missing } = refusal;
    return new AttemptFailure('refused', message, {
      missing,
      workersFault: missing !== null,
      cause: refusal,
    });
  }

  static execution(error: ShardError): AttemptFailure {
    const workersFault = isWorkersFault(error);
    return new AttemptFailure('execution', error.message, { error, workersFault });
  }
}
