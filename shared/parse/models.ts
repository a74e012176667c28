import { z } from 'zod';
import { SCRIPT_SHELLS } from '../models.ts';
import { id, LIMITS, plain, shape, workflow } from './fields.ts';

/** Arguments of the commands about models. */

const URL_CHARACTERS = 8192;

export const modelValidators = {
  'models.check': shape({ workflow }),
  'models.script': shape({
    workflow,
    shell: z.enum(SCRIPT_SHELLS, { error: 'must be "bash" or "powershell"' }),
    instance: id.nullable(),
  }),
  'models.rememberUrl': shape({
    folder: plain(LIMITS.path, 1),
    name: plain(LIMITS.path, 1),
    url: plain(URL_CHARACTERS, 1).nullable(),
  }),
};
