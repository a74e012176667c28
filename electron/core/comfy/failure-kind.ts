import { EnsembleError } from '../../../shared/errors.ts';

/** What stood in the way of an exchange, for those who give advice. */
export type FailureKind =
  /** The machine is there; nobody listens. */
  | 'refused'
  /** No such name. */
  | 'unknown-name'
  /** Nothing comes back: off, elsewhere, or behind a firewall. */
  | 'silent'
  | 'closed'
  /** No authority vouches for its certificate. */
  | 'untrusted'
  | 'expired'
  /** The certificate is another machine's. */
  | 'other-name'
  /** https was spoken to a server that speaks http. */
  | 'not-https'
  | 'not-http'
  /** It asks for a login. */
  | 'denied'
  | 'redirect'
  /** A web page: a login, a captive portal, another program. */
  | 'web-page'
  /** A proxy answers for a server that is not there. */
  | 'proxy'
  | 'not-comfyui'
  | 'other';

/** Kept as the cause of failures that a reply with the wrong status or content made. */
export class BadReply extends Error {
  constructor(
    readonly status: number,
    readonly isPage: boolean,
  ) {
    super(`status ${status}`);
  }
}

const CODES: Readonly<Record<string, FailureKind>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'unknown-name',
  EAI_AGAIN: 'unknown-name',
  EHOSTUNREACH: 'silent',
  ENETUNREACH: 'silent',
  ETIMEDOUT: 'silent',
  UND_ERR_CONNECT_TIMEOUT: 'silent',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  UND_ERR_SOCKET: 'closed',
  UND_ERR_CLOSED: 'closed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted',
  CERT_UNTRUSTED: 'untrusted',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'not-https',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not-https',
  EPROTO: 'not-https',
};

export function kindOfFailure(error: unknown): FailureKind {
  if (!(error instanceof EnsembleError)) return 'other';
  if (error.code === 'timeout') return 'silent';
  const { cause } = error;
  if (cause instanceof BadReply) return kindOfReply(cause);
  if (!(cause instanceof Error)) return 'other';
  if (cause.name === 'HTTPParserError') return 'not-http';
  return kindOfCode(codeOf(cause)) ?? 'other';
}

/** @returns null for a code that says nothing about the way there */
export function kindOfCode(code: string): FailureKind | null {
  return CODES[code] ?? null;
}

/** Cloudflare's own are 520 to 530; Runpod's proxy answers 502 and 404 for a pod that is not there. */
function kindOfReply({ status, isPage }: BadReply): FailureKind {
  if (status >= 300 && status < 400) return 'redirect';
  if (status === 401 || status === 403 || status === 407) return 'denied';
  if (status === 502 || status === 503 || status === 504 || (status >= 520 && status <= 530)) return 'proxy';
  return isPage && status < 300 ? 'web-page' : 'not-comfyui';
}

/** The system's or library's code of an error, however it is wrapped; empty without one. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  // Several addresses tried at once (localhost on v4 and v6) fail as one AggregateError.
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return 'cause' in error ? codeOf(error.cause) : '';
}
