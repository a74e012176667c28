import { EnsembleError, messageOf } from '../../../shared/errors.ts';
import { BadReply, codeOf, type FailureKind, kindOfCode } from './failure-kind.ts';

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

/** What TLS has against an address. */
const TLS_KINDS: Partial<Record<FailureKind, (address: string) => readonly [string, string]>> = {
  untrusted: (address) => [
    `The certificate of ${address} is signed by nobody that this machine trusts.`,
    'If it is your own, trust it for this worker: Test shows its fingerprint.',
  ],
  expired: (address) => [
    `The certificate of ${address} is not valid today.`,
    'Renew it there, and check the date of both machines.',
  ],
  'other-name': (address) => [
    `The certificate of ${address} belongs to another name.`,
    'Use the name that it was made for, or trust this one certificate.',
  ],
  'not-https': (address) => [
    `${address} does not speak https.`,
    'Switch https off for it, or use the port of its proxy.',
  ],
};

/** Of an address that one certificate alone is believed of. */
function otherCertificate(address: string): readonly [string, string] {
  return [
    `${address} shows another certificate than the one that is trusted for it.`,
    'If it was renewed there, trust the new one: Test shows its fingerprint.',
  ];
}

/** @param address "host:port" @param isPinned one certificate alone is believed there */
export function transportFailure(address: string, error: unknown, isPinned = false): EnsembleError {
  const code = codeOf(error);
  const known = NETWORK_CODES[code]?.(address);
  const cause = { cause: error };
  if (known !== undefined) return new EnsembleError('disconnected', known[0], known[1], [], cause);
  const kind = kindOfCode(code);
  const words = isPinned && kind === 'untrusted' ? otherCertificate : TLS_KINDS[kind ?? 'other'];
  const tls = words?.(address);
  if (tls !== undefined) return new EnsembleError('disconnected', tls[0], tls[1], [], cause);
  if (kind === 'closed') {
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
export function statusFailure(facts: ReplyFacts): EnsembleError {
  const [message, hint] = statusWords(facts);
  const cause = new BadReply(facts.status, isPage(facts));
  return new EnsembleError('unavailable', message, hint, [], { cause });
}

function statusWords({ address, path, status, location }: ReplyFacts): readonly [string, string] {
  if (status >= 300 && status < 400) {
    const target = location === '' ? 'elsewhere' : `to ${location.slice(0, 200)}`;
    return [
      `${address} sends us on ${target} instead of answering.`,
      'Use the address that ComfyUI itself has.',
    ];
  }
  if (status === 401 || status === 403 || status === 407) {
    return [
      `${address} refuses our requests (${status}).`,
      'A login, a proxy or the origin check of ComfyUI is in between: give it what it asks for, or use its direct address.',
    ];
  }
  if (status === 404 || status === 405) {
    return [
      `${address} has no ${path}: this is not ComfyUI.`,
      'Another program is at this address; check the host and port.',
    ];
  }
  // Cloudflare's own, 1033 and 524 among them, come as these.
  if (status === 524 || status === 504) {
    return [
      `The proxy of ${address} gave up waiting for the server (${status}).`,
      'The server is very busy or hangs; look at its log.',
    ];
  }
  if (status === 502 || status === 503 || (status >= 520 && status <= 530)) {
    return [
      `The proxy of ${address} does not reach the server behind it (${status}).`,
      'Start the server there, or wait until it is up.',
    ];
  }
  return [`${address} answered ${path} with an error (${status}).`, 'Look at its log.'];
}

/** A reply with the right status but not the data that ComfyUI sends. */
export function contentFailure(facts: ReplyFacts): EnsembleError {
  const { address, path, status } = facts;
  const page = isPage(facts);
  const [message, hint] = page
    ? [
        `${address} answers with a web page instead of ComfyUI's data.`,
        'Another program, a proxy or a login page is at this address.',
      ]
    : [
        `${address} does not answer ${path} like ComfyUI.`,
        'Another program is at this address, or a broken version of ComfyUI; check the host and port.',
      ];
  return new EnsembleError('unavailable', message, hint, [], { cause: new BadReply(status, page) });
}

function isPage({ contentType, text }: ReplyFacts): boolean {
  return contentType.includes('html') || /^\s*<(!doctype|html)/i.test(text);
}

function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}
