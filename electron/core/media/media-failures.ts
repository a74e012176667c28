import path from 'node:path';
import { EnsembleError, messageOf } from '../../../shared/errors.ts';

/** What can be wrong with files of pictures and sound, in sentences for people. */

export function damagedFailure(file: string, what: string): EnsembleError {
  return new EnsembleError(
    'unavailable',
    `${path.basename(file)} cannot be used: ${what}.`,
    'It was damaged on its way or on the disk; run again.',
  );
}

export function unreadableFile(file: string, error: unknown): EnsembleError {
  return new EnsembleError(
    'internal',
    `${path.basename(file)} cannot be read: ${messageOf(error)}.`,
    'Check that the file is there and may be read.',
    [],
    { cause: error },
  );
}

export function unwritableFile(file: string, error: unknown): EnsembleError {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') {
    return new EnsembleError(
      'disk-full',
      `${path.basename(file)} could not be written: the disk is full.`,
      'Free some space.',
    );
  }
  return new EnsembleError(
    'internal',
    `${path.basename(file)} could not be written: ${messageOf(error)}.`,
    'Check that the folder can be written.',
    [],
    { cause: error },
  );
}
