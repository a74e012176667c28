import type { FieldProblem } from '../../../shared/errors.ts';
import type { AccessDraft } from '../../../shared/remote.ts';
import type { SecretValues } from '../settings/secrets.ts';

/** What opens a remote server, as the headers that are sent and as people see it. Pure. */

const CLOUDFLARE_ID = 'cf-access-client-id';
const CLOUDFLARE_SECRET = 'cf-access-client-secret';
/** HTTP's token characters. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]{1,200}$/i;
/** Of the connection itself, or what the client sets: a person's own would break the exchange. */
const RESERVED: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
  'keep-alive',
  'accept-encoding',
]);
const LAST_SHOWN = 4;

/** @param stored what `keep` keeps */
export function headersOf(access: AccessDraft, stored: SecretValues): SecretValues {
  switch (access.kind) {
    case 'none':
      return {};
    case 'keep':
      return stored;
    case 'bearer':
      return { authorization: `Bearer ${access.token.trim()}` };
    case 'basic':
      return {
        authorization: `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`,
      };
    case 'cloudflare':
      return {
        [CLOUDFLARE_ID]: access.clientId.trim(),
        [CLOUDFLARE_SECRET]: access.clientSecret.trim(),
      };
    case 'headers':
      return Object.fromEntries(
        access.headers.map(({ name, value }) => [name.trim().toLowerCase(), value.trim()]),
      );
  }
}

export function accessProblems(access: AccessDraft): readonly FieldProblem[] {
  const problem = problemOf(access);
  return problem === null ? [] : [{ field: 'access', message: problem }];
}

/** "Bearer ••••3f9a": enough to tell two tokens apart; null without any. */
export function accessHint(headers: SecretValues): string | null {
  const names = Object.keys(headers);
  if (names.length === 0) return null;
  const id = headers[CLOUDFLARE_ID];
  if (id !== undefined) return `Cloudflare Access ${masked(id)}`;
  const authorization = headers['authorization'];
  if (authorization !== undefined && names.length === 1) {
    const known = /^(basic|bearer) (.*)$/is.exec(authorization);
    if (known === null) return `authorization: ${masked(authorization)}`;
    const [, scheme = '', value = ''] = known;
    return scheme.toLowerCase() === 'basic' ? `Basic ${userOf(value)}:••••` : `Bearer ${masked(value)}`;
  }
  return names.map((name) => `${name}: ${masked(headers[name] ?? '')}`).join(', ');
}

function problemOf(access: AccessDraft): string | null {
  if (access.kind === 'basic' && access.user.includes(':')) return 'A user name has no colon in it.';
  if (access.kind === 'headers') {
    const names = access.headers.map(({ name }) => name.trim().toLowerCase());
    const bad = names.find((name) => !HEADER_NAME.test(name));
    if (bad !== undefined) return `“${bad.slice(0, 40)}” is not the name of a header.`;
    const reserved = names.find((name) => RESERVED.has(name));
    if (reserved !== undefined)
      return `The header “${reserved}” belongs to the connection and is set by itself.`;
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) return `The header “${twice}” is there twice.`;
  }
  const value = Object.values(headersOf(access, {})).find((text) => !isSendable(text));
  return value === undefined ? null : 'It has characters that no header can carry: copy it again.';
}

/** What HTTP lets stand in a header: visible Latin-1, blanks and tabs. */
function isSendable(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}

function masked(secret: string): string {
  return secret.length > 2 * LAST_SHOWN ? `••••${secret.slice(-LAST_SHOWN)}` : '••••';
}

function userOf(encoded: string): string {
  return Buffer.from(encoded, 'base64').toString('utf8').split(':')[0] ?? '';
}
