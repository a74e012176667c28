import { EnsembleError } from '../../../shared/errors.ts';
import type { AccessDraft } from '../../../shared/remote.ts';
import type { ByteSource } from '../runs/workflow-file.ts';
import type { AccessSource, SecretSource } from './orders.ts';

export interface SecretDeps {
  readonly environment: NodeJS.ProcessEnv;
  /** Standard input. */
  readonly input: () => ByteSource;
}

const MOST_BYTES = 64 * 1024;

/** Fetches secrets from where they are. @throws EnsembleError('bad-argument') when one is not there */
export async function readAccess(access: AccessSource, deps: SecretDeps): Promise<AccessDraft> {
  const read = (source: SecretSource): Promise<string> => readSecret(source, deps);
  switch (access.kind) {
    case 'none':
      return access;
    case 'bearer':
      return { kind: 'bearer', token: await read(access.token) };
    case 'basic':
      return { kind: 'basic', user: access.user, password: await read(access.password) };
    case 'cloudflare':
      return {
        kind: 'cloudflare',
        clientId: await read(access.clientId),
        clientSecret: await read(access.clientSecret),
      };
    case 'headers':
      return {
        kind: 'headers',
        headers: await Promise.all(
          access.headers.map(async ({ name, value }) => ({ name, value: await read(value) })),
        ),
      };
  }
}

async function readSecret(source: SecretSource, { environment, input }: SecretDeps): Promise<string> {
  if (source.from === 'environment') {
    const value = environment[source.variable] ?? '';
    if (value !== '') return value;
    throw EnsembleError.badArgument(
      'arguments',
      `The environment variable ${source.variable} is empty or not set.`,
      `Set it first, e.g. in bash: read -rs ${source.variable} && export ${source.variable}`,
    );
  }
  // Editors and `echo` end what they write with a line break.
  const value = (await textOf(input())).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw EnsembleError.badArgument(
    'arguments',
    'Nothing came in from standard input.',
    'Pipe the secret into it.',
  );
}

async function textOf(source: ByteSource): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source) {
    size += part.byteLength;
    if (size > MOST_BYTES)
      throw EnsembleError.badArgument('arguments', 'What came in is too long for a secret.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
