import { z } from 'zod';
import { flag, LIMITS, nothing, number, plain, shape, text, whole } from './fields.ts';

/** Arguments of the commands about rented workers. */

const MOST_DOLLARS = 1_000_000;
const MOST_MINUTES = 60 * 24 * 30;
const MOST_SECRET = 64 * 1024;
const dollars = number(0, MOST_DOLLARS);
const id = plain(64, 1).regex(/^[a-z0-9-]+$/, 'must be the id of a provider, e.g. runpod');
const newOrId = plain(64).regex(/^[a-z0-9-]*$/, 'must be the id of a provider, or empty for a new one');
const key = plain(64, 1).regex(/^[a-z0-9-]+$/, 'must be the id of a lease');
const line = plain(LIMITS.arguments);
const word = plain(LIMITS.name);
const base = { id: newOrId, name: plain(LIMITS.name, 1), readyMinutes: whole(1, MOST_MINUTES) };

const provider = z.discriminatedUnion(
  'kind',
  [
    shape({
      ...base,
      kind: z.literal('command'),
      start: line,
      stop: line,
      list: line,
      pricePerHour: dollars,
    }),
    shape({
      ...base,
      kind: z.literal('kubernetes'),
      ...{
        kubeconfig: plain(LIMITS.path),
        context: word,
        namespace: word,
        image: plain(LIMITS.path),
        args: line,
      },
      ...{ gpus: whole(0, 64), modelClaim: word, modelPath: plain(LIMITS.path) },
      ...{ ingressHost: plain(LIMITS.host), pricePerHour: dollars },
    }),
    shape({
      ...base,
      kind: z.literal('runpod'),
      ...{ image: plain(LIMITS.path), templateId: word, startCommand: line, networkVolume: word },
      volumePath: plain(LIMITS.path),
      cloud: z.enum(['SECURE', 'COMMUNITY'], { error: 'must be "SECURE" or "COMMUNITY"' }),
      gpus: z.array(plain(LIMITS.name, 1), { error: 'must be a list of GPU types' }).max(200),
      diskGb: whole(1, 100_000),
    }),
  ],
  { error: 'must be a provider of kind "command", "kubernetes" or "runpod", with its fields' },
);
const credentials = shape({
  apiKey: plain(MOST_SECRET).exactOptional(),
  environment: text(MOST_SECRET).exactOptional(),
});
const cap = dollars.nullable();
const terms = { ttlMinutes: whole(1, MOST_MINUTES), idleMinutes: whole(0, MOST_MINUTES) };

export const providerSettings = provider;
export const providerValidators = {
  'providers.state': nothing,
  'providers.save': shape({ provider, credentials }),
  'providers.remove': shape({ id }),
  'providers.test': shape({ id }),
  'providers.offers': shape({ id: id.nullable(), vramGb: number(0, 10_000) }),
  'providers.setCaps': shape({ caps: shape({ perHour: cap, perDay: cap, total: cap }) }),
  'providers.rent': shape({ provider: id, offer: plain(LIMITS.name, 1), pricePerHour: dollars, ...terms }),
  'providers.release': shape({ lease: key, now: flag }),
  'providers.reconcile': nothing,
  'providers.adopt': shape({ provider: id, key, pricePerHour: dollars, ...terms }),
  'providers.releaseOrphan': shape({ provider: id, key }),
};
