import { EnsembleError } from '../../../shared/errors.ts';
import type { AccessSource, SecretSource } from './orders.ts';

export interface AccessValues {
  readonly 'bearer-env'?: string | undefined;
  readonly 'basic-env'?: string | undefined;
  readonly 'cloudflare-env'?: string | undefined;
  readonly 'header-env'?: readonly string[] | undefined;
  readonly 'no-access': boolean;
}

/** @throws EnsembleError('bad-argument') that says how it is written; @returns null when nothing was said */
export function accessOf(values: AccessValues): AccessSource | null {
  const bearer = values['bearer-env'];
  const basic = values['basic-env'];
  const cloudflare = values['cloudflare-env'];
  const headers = values['header-env'];
  const said: readonly AccessSource[] = [
    ...(values['no-access'] ? [{ kind: 'none' } as const] : []),
    ...(bearer === undefined ? [] : [{ kind: 'bearer', token: secretOf('bearer-env', bearer) } as const]),
    ...(basic === undefined ? [] : [basicOf(basic)]),
    ...(cloudflare === undefined ? [] : [cloudflareOf(cloudflare)]),
    ...(headers === undefined ? [] : [headersOf(headers)]),
  ];
  if (said.length > 1) {
    throw EnsembleError.badArgument(
      'arguments',
      'A worker is opened in one way.',
      'Name one of --bearer-env, --basic-env, --cloudflare-env, --header-env and --no-access.',
    );
  }
  const [access = null] = said;
  if (access !== null && secretsOf(access).filter(({ from }) => from === 'input').length > 1) {
    throw EnsembleError.badArgument(
      'arguments',
      'Standard input can bring one secret.',
      'Name variables for the others.',
    );
  }
  return access;
}

function basicOf(text: string): AccessSource {
  const [user, password] = pairOf('basic-env', text, 'USER=VARIABLE');
  return { kind: 'basic', user, password: secretOf('basic-env', password) };
}

function cloudflareOf(text: string): AccessSource {
  const [clientId, clientSecret] = pairOf('cloudflare-env', text, 'ID_VARIABLE=SECRET_VARIABLE');
  return {
    kind: 'cloudflare',
    clientId: secretOf('cloudflare-env', clientId),
    clientSecret: secretOf('cloudflare-env', clientSecret),
  };
}

function headersOf(texts: readonly string[]): AccessSource {
  const headers = texts.map((text) => {
    const [name, value] = pairOf('header-env', text, 'NAME=VARIABLE');
    return { name, value: secretOf('header-env', value) };
  });
  return { kind: 'headers', headers };
}

function pairOf(option: string, text: string, form: string): readonly [string, string] {
  const equals = text.lastIndexOf('=');
  if (equals > 0 && equals < text.length - 1) return [text.slice(0, equals), text.slice(equals + 1)];
  // What stands there may be a secret: it is not repeated.
  throw EnsembleError.badArgument(`--${option}`, `--${option} takes ${form}, with “-” for standard input.`);
}

/** A value that is no name of a variable may be the secret itself: it is not repeated. */
function secretOf(option: string, text: string): SecretSource {
  if (text === '-') return { from: 'input' };
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(text)) return { from: 'environment', variable: text };
  throw EnsembleError.badArgument(
    `--${option}`,
    `--${option} takes the name of an environment variable, or “-” for standard input, not the secret itself.`,
    'Other programs of this machine can read command lines.',
  );
}

function secretsOf(access: AccessSource): readonly SecretSource[] {
  switch (access.kind) {
    case 'none':
      return [];
    case 'bearer':
      return [access.token];
    case 'basic':
      return [access.password];
    case 'cloudflare':
      return [access.clientId, access.clientSecret];
    case 'headers':
      return access.headers.map(({ value }) => value);
  }
}
