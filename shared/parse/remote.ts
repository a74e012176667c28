import { z } from 'zod';
import { flag, id, LIMITS, plain, port, shape, text, workflow } from './fields.ts';

/** Arguments of the commands about workers on other machines. */

const SECRET = 8192;
const secret = plain(SECRET, 1);
const header = shape({ name: plain(LIMITS.name, 1), value: plain(SECRET) });
const access = z.discriminatedUnion(
  'kind',
  [
    shape({ kind: z.literal('none') }),
    shape({ kind: z.literal('keep') }),
    shape({ kind: z.literal('bearer'), token: secret }),
    shape({ kind: z.literal('basic'), user: plain(LIMITS.name), password: plain(SECRET) }),
    shape({ kind: z.literal('cloudflare'), clientId: secret, clientSecret: secret }),
    shape({
      kind: z.literal('headers'),
      headers: z.array(header, { error: 'must be a list of { name, value }' }).max(LIMITS.headers),
    }),
  ],
  { error: 'must be one of "none", "keep", "bearer", "basic", "cloudflare" and "headers", with its fields' },
);
const certificate = text(LIMITS.certificate, 1).nullable();
const type = z.enum(['remote', 'cloud'], { error: 'must be "remote" or "cloud"' });
const place = { host: plain(LIMITS.host, 1), port, secure: flag, path: plain(LIMITS.path) };

const draft = shape({ type, name: plain(LIMITS.name, 1), ...place, certificate, access });
/** A form asks for its problems while it is being filled in. */
const unfinished = draft.extend({ name: plain(LIMITS.name), host: plain(LIMITS.host) });
const testId = plain(LIMITS.name, 1);
const source = z
  .union([
    shape({ kind: z.literal('agent'), agent: plain(LIMITS.name, 1), instance: id }),
    shape({ kind: z.literal('provider'), provider: plain(LIMITS.name, 1), lease: plain(LIMITS.name, 1) }),
  ])
  .nullable();

/** A removed worker that comes back. */
export const removedRemote = shape({
  id,
  type,
  name: plain(LIMITS.name, 1),
  ...place,
  certificate,
  selected: flag,
  source,
});

export const remoteValidators = {
  'remote.check': shape({ id: id.nullable(), draft: unfinished }),
  'remote.add': shape({ draft }),
  'remote.update': shape({ id, draft }),
  'remote.test': shape({ testId, id: id.nullable(), draft: unfinished, workflow: workflow.nullable() }),
  'remote.stopTest': shape({ testId }),
  'remote.climb': shape({ id }),
};
