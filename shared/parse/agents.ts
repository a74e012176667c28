import { z } from 'zod';
import { LIMITS, nothing, plain, port, shape } from './fields.ts';

/** Arguments of the commands about other machines. */

const EXPECTATION = 'must be the id of a machine (letters, digits and “-”, at most 64)';
const machineId = z.string({ error: EXPECTATION }).regex(/^[A-Za-z0-9-]{1,64}$/, EXPECTATION);
const machine = shape({ id: machineId });
const host = plain(LIMITS.host, 1);
/** What a person typed: it is judged later, in words. */
const code = plain(100);

export const agentValidators = {
  'agents.list': nothing,
  'agents.pair': shape({ host, port, code }),
  'agents.unpair': machine,
  'agent.status': nothing,
  'agent.code': nothing,
  'agent.dismiss': machine,
};
