import { EnsembleError, messageOf } from '../../../../shared/errors.ts';

/** What is wrong with a database file, in words that go on from "The record of runs …". */
export class UnusableFile extends Error {}

const CORRUPT = /^SQLITE_(CORRUPT|NOTADB)/;
/** What SQLite says to our own statements when a file that is being opened is not what it should be. */
const UNFIT = /^SQLITE_(CORRUPT|NOTADB|ERROR|SCHEMA|MISMATCH|FORMAT|CONSTRAINT)/;
const FULL = /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE|ENOSPC|EDQUOT)$/;

/** While a file is opened: it will not get better by itself and must be set aside. */
export function isUnfit(error: unknown): boolean {
  return error instanceof UnusableFile || UNFIT.test(codeOf(error));
}

/** In an open file: its bytes are broken. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof UnusableFile || CORRUPT.test(codeOf(error));
}

/** Why it is damaged, as the end of a sentence. */
export function damageOf(error: unknown): string {
  return error instanceof UnusableFile ? error.message : `is damaged (${messageOf(error)})`;
}

/** The words for what went wrong with an open journal. */
export function journalError(error: unknown, file: string): EnsembleError {
  if (error instanceof EnsembleError) return error;
  const options = { cause: error };
  if (FULL.test(codeOf(error))) {
    const message = `The disk of ${file} is full: the record of runs cannot be written.`;
    return new EnsembleError('disk-full', message, 'Free some space, then try again.', [], options);
  }
  const damaged = isCorrupt(error);
  return new EnsembleError(
    'internal',
    damaged
      ? `The record of runs ${damageOf(error)}.`
      : `The record of runs cannot be used: ${messageOf(error)}.`,
    damaged ? 'Start again: a damaged record is set aside, and the files of finished runs stay.' : null,
    [],
    options,
  );
}

/** The words for a folder that does not let us open a database at all. */
export function unwritable(error: unknown, file: string): EnsembleError {
  const known = journalError(error, file);
  if (known.code === 'disk-full') return known;
  return new EnsembleError(
    'settings-unwritable',
    `The record of runs ${file} cannot be written: ${messageOf(error)}.`,
    'Give a folder that your user may write with --data.',
    [],
    { cause: error },
  );
}

/** SQLite's or the system's name of an error; empty when it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
