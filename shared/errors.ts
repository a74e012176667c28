/** Every way a command can be refused. The code is for programs, `message` and `hint` are for people. */
export type ErrorCode =
  | 'bad-argument'
  | 'unknown-command'
  | 'unauthorized'
  | 'forbidden-origin'
  | 'too-large'
  | 'not-found'
  | 'conflict'
  | 'port-in-use'
  | 'no-comfyui'
  | 'not-ready'
  | 'unavailable'
  | 'disconnected'
  | 'timeout'
  | 'disk-full'
  | 'settings-unwritable'
  | 'internal';

/** One thing wrong with one field of a form, an argument list or a settings file. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** What crosses a transport in place of an exception. */
export interface ErrorEnvelope {
  readonly code: ErrorCode;
  /** What went wrong, one sentence. */
  readonly message: string;
  /** How to mend it, one sentence; null when there is nothing to be done. */
  readonly hint: string | null;
  readonly problems: readonly FieldProblem[];
}

/** The only error type that carries meaning across layers; anything else is reported as `internal`. */
export class EnsembleError extends Error {
  override readonly name = 'EnsembleError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly hint: string | null = null,
    readonly problems: readonly FieldProblem[] = [],
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  static fromEnvelope(envelope: ErrorEnvelope): EnsembleError {
    return new EnsembleError(envelope.code, envelope.message, envelope.hint, envelope.problems);
  }

  static badArgument(field: string, message: string, hint: string | null = null): EnsembleError {
    return new EnsembleError('bad-argument', message, hint, [{ field, message }]);
  }
}

/** Keeps the meaning of our own errors and hides the internals (paths, stacks) of foreign ones. */
export function toEnvelope(error: unknown): ErrorEnvelope {
  if (error instanceof EnsembleError) {
    return { code: error.code, message: error.message, hint: error.hint, problems: error.problems };
  }
  const message = messageOf(error);
  return {
    code: 'internal',
    message: `Something unexpected happened: ${message}`,
    hint: 'Look at the control center log; if it happens again, please report it.',
    problems: [],
  };
}

/** The message of anything that was thrown, objects that refuse to become text included. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === 'object' ? (JSON.stringify(error) ?? 'an unknown object') : String(error);
}
