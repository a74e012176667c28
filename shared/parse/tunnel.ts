import { z } from 'zod';
import { PUBLIC_NAME } from '../tunnel.ts';
import { LIMITS, nothing, plain, shape, whole } from './fields.ts';

/** Arguments of the commands about the tunnel, and its settings. */

const TOKEN = 8192;
const host = plain(LIMITS.host, 1).regex(PUBLIC_NAME, 'must be a name like comfy.example.com');

export const tunnelPreferences = {
  tunnelProgram: plain(LIMITS.path, 1).nullable().exactOptional(),
  tunnelAtStart: z
    .enum(['off', 'quick', 'named'], { error: 'must be "off", "quick" or "named"' })
    .exactOptional(),
};

export const tunnelValidators = {
  'tunnel.status': nothing,
  'tunnel.start': z.discriminatedUnion(
    'kind',
    [
      shape({ kind: z.literal('quick') }),
      shape({ kind: z.literal('named'), host, token: plain(TOKEN, 1).nullable() }),
    ],
    { error: 'must be { kind: "quick" } or { kind: "named", host, token }' },
  ),
  'tunnel.stop': nothing,
  'tunnel.download': nothing,
  'tunnel.log': shape({
    after: whole(-1, Number.MAX_SAFE_INTEGER).nullable(),
    limit: whole(1, LIMITS.logLines),
    waitMs: whole(0, LIMITS.waitMs),
  }),
};
