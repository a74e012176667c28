import { EnsembleError, messageOf } from '../../../shared/errors.ts';

/** A file that did not get to its server. Keeps the code: what is done about it depends on it. */
export function courierFailure(file: string, server: string, error: unknown): EnsembleError {
  const known = error instanceof EnsembleError ? error : null;
  return new EnsembleError(
    known?.code ?? 'internal',
    `The file “${file}” could not be brought to ${server}: ${known?.message ?? `${messageOf(error)}.`}`,
    known?.hint ?? null,
    known?.problems ?? [],
    { cause: error },
  );
}
