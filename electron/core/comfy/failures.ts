import { EnsembleError, messageOf } from '../../../shared/errors.ts';

/** Turns what can go wrong between us and a ComfyUI address into sentences for people. */

const NETWORK_CODES: Readonly<Record<string, (address: string) => readonly [string, string]>> = {
  ECONNREFUSED: (address) => [
    `Nothing answers at ${address}.`,
    'Start ComfyUI there, or check the host and port.',
  ],
  ENOTFOUND: (address) => [
    `There is no machine called ${hostOf(address)}.`,
    'Check the spelling of the host.',
  ],
  EAI_AGAIN: (address) => [
    `The name ${hostOf(address)} could not be looked up.`,
    'Check the network and DNS.',
  ],
  EHOSTUNREACH: (address) => [
    `There is no way to reach ${hostOf(address)}.`,
    'Check that it is on and on this network.',
  ],
  ENETUNREACH: (address) => [
    `There is no network to reach ${hostOf(address)}.`,
    'Check the network connection.',
  ],
  ETIMEDOUT: (address) => [
    `${address} does not take connections.`,
    'Check that it is on and that no firewall is in between.',
  ],
  UND_ERR_CONNECT_TIMEOUT: (address) => [
    `${address} does not take connections.`,
    'Check that it is on and that no firewall is in between.',
  ],
};

const CLOSED: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED']);

/** @param address "host:port" */
export function transportFailure(address: string, error: unknown): EnsembleError {
  const code = codeOf(error);
  const known = NETWORK_CODES[code]?.(address);
  const cause = { cause: error };
  if (known !== undefined) return new EnsembleError('disconnected', known[0], known[1], [], cause);
  if (CLOSED.has(code)) {
    const message = `${address} closed the connection without a whole answer.`;
    return new EnsembleError(
      'disconnected',
      message,
      'Look at its log: it may have crashed or be restarting.',
      [],
      cause,
    );
  }
  // undici gives its parser's errors a name but not always a code.
  if (error instanceof Error && error.name === 'HTTPParserError') {
    const message = `${address} does not speak HTTP.`;
    return new EnsembleError(
      'unavailable',
      message,
      'Another program is on this port; check the port.',
      [],
      cause,
    );
  }
  return new EnsembleError(
    'disconnected',
    `${address} cannot be reached: ${messageOf(error)}.`,
    null,
    [],
    cause,
  );
}

export function timeoutFailure(address: string, timeoutMs: number): EnsembleError {
  const seconds = Math.max(1, Math.round(timeoutMs / 1000));
  return new EnsembleError(
    'timeout',
    `${address} did not answer within ${seconds} s.`,
    'It may be loading a large model or hang; look at its log.',
  );
}

export function oversizeFailure(address: string, limitBytes: number): EnsembleError {
  const limit = Math.max(1, Math.round(limitBytes / 1_048_576));
  return new EnsembleError(
    'too-large',
    `${address} sent more than ${limit} MiB in one answer.`,
    'That is not a ComfyUI answer, or a picture far too large; check the address.',
  );
}

export interface ReplyFacts {
  readonly address: string;
  readonly path: string;
  readonly status: number;
  readonly contentType: string;
  readonly location: string;
  readonly text: string;
}

/** A reply whose status is not the expected one. */
export function statusFailure({ address, path, status, location }: ReplyFacts): EnsembleError {
  if (status >= 300 && status < 400) {
    const target = location === '' ? 'elsewhere' : `to ${location.slice(0, 200)}`;
    return new EnsembleError(
      'unavailable',
      `${address} sends us on ${target} instead of answering.`,
      'Use the address that ComfyUI itself has.',
    );
  }
  if (status === 401 || status === 403 || status === 407) {
    return new EnsembleError(
      'unavailable',
      `${address} refuses our requests (${status}).`,
      'A login, a proxy or the origin check of ComfyUI is in between; use its direct address.',
    );
  }
  if (status === 404 || status === 405) {
    return new EnsembleError(
      'unavailable',
      `${address} has no ${path}: this is not ComfyUI.`,
      'Another program is at this address; check the host and port.',
    );
  }
  return new EnsembleError(
    'unavailable',
    `${address} answered ${path} with an error (${status}).`,
    'Look at its log.',
  );
}

/** A reply with the right status but not the data that ComfyUI sends. */
export function contentFailure({ address, path, contentType, text }: ReplyFacts): EnsembleError {
  if (contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text)) {
    return new EnsembleError(
      'unavailable',
      `${address} answers with a web page instead of ComfyUI's data.`,
      'Another program, a proxy or a login page is at this address.',
    );
  }
  return new EnsembleError(
    'unavailable',
    `${address} does not answer ${path} like ComfyUI.`,
    'Another program is at this address, or a broken version of ComfyUI; check the host and port.',
  );
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses tried at once (localhost on v4 and v6) fail as one AggregateError.
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : '';
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}
