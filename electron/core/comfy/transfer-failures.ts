import { EnsembleError } from '../../../shared/errors.ts';

/** What can go wrong with a file between us and a ComfyUI address, in sentences for people. */

export function absentFailure(address: string, filename: string): EnsembleError {
  return new EnsembleError('not-found', `${address} does not have the file ${filename} any more.`);
}

export function stallFailure(address: string, filename: string, limitMs: number): EnsembleError {
  const seconds = Math.max(1, Math.round(limitMs / 1000));
  return new EnsembleError(
    'timeout',
    `${address} stopped in the middle of ${filename}: nothing moved for ${seconds} s.`,
    'It may hang, or the network is interrupted; look at its log.',
  );
}

export function cutFailure(address: string, filename: string, got: number, promised: number): EnsembleError {
  return new EnsembleError(
    'disconnected',
    `${address} sent ${got} of the ${promised} bytes of ${filename}.`,
    'It may have crashed or be restarting; look at its log.',
  );
}

export function encodedFailure(address: string, filename: string, encoding: string): EnsembleError {
  return new EnsembleError(
    'unavailable',
    `${address} sends ${filename} encoded (${encoding.slice(0, 40)}) instead of as it is.`,
    'A proxy changes the files on their way; use the direct address of ComfyUI.',
  );
}

export function changedFailure(filename: string): EnsembleError {
  return new EnsembleError(
    'conflict',
    `${filename} changed while it was being sent.`,
    'Wait until it is written, then run again.',
  );
}

export function unreadableFailure(filename: string, cause: unknown): EnsembleError {
  return new EnsembleError(
    'internal',
    `${filename} could not be read to the end while it was being sent.`,
    'Check the disk that it is on.',
    [],
    { cause },
  );
}

/** An upload that was answered with anything but 200. */
export function uploadRefusal(
  address: string,
  filename: string,
  bytes: number,
  status: number,
): EnsembleError {
  if (status === 413) {
    return new EnsembleError(
      'too-large',
      `${address} does not take a file as large as ${filename} (${sizeInWords(bytes)}).`,
      'Start that ComfyUI with a larger --max-upload-size (in MB; 100 unless given).',
    );
  }
  return new EnsembleError(
    'unavailable',
    `${address} refused the file ${filename} (${status}).`,
    status === 400 ? 'It takes neither this name nor this folder; rename the file.' : 'Look at its log.',
  );
}

/** A connection that broke while the file was on its way: some servers end it so when a file is too large for them. */
export function brokenUploadFailure(failure: EnsembleError, bytes: number): EnsembleError {
  return new EnsembleError(
    failure.code,
    failure.message,
    `It may have crashed, or takes no file of ${sizeInWords(bytes)}: look at its log and at --max-upload-size.`,
    [],
    { cause: failure },
  );
}

export function earlyAnswerFailure(address: string, filename: string): EnsembleError {
  return new EnsembleError(
    'unavailable',
    `${address} said that it has ${filename} before it was sent whole.`,
    'Another program or a broken proxy is at this address.',
  );
}

function sizeInWords(bytes: number): string {
  return bytes < 1_048_576
    ? `${Math.max(1, Math.ceil(bytes / 1024))} KiB`
    : `${Math.round(bytes / 1_048_576)} MiB`;
}
