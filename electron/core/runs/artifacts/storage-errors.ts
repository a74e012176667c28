import { EnsembleError, messageOf } from '../../../../shared/errors.ts';

/** The words for a disk that does not take a result. */
export function storageError(error: unknown, folder: string): EnsembleError {
  if (error instanceof EnsembleError) return error;
  const code = systemCode(error);
  const options = { cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const message = `The disk of ${folder} is full: a result could not be kept.`;
    return new EnsembleError('disk-full', message, 'Free some space, then retry the run.', [], options);
  }
  return new EnsembleError(
    'internal',
    `A result could not be written to ${folder}: ${messageOf(error)}.`,
    'Check that the folder exists and that your user may write to it.',
    [],
    options,
  );
}

/** e.g. "EEXIST"; empty for what is no system error. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
