import { LIMITS, nothing, plain, port, shape } from './fields.ts';

/** Arguments of the commands that look for other machines. */

const host = plain(LIMITS.host, 1);

export const discoveryValidators = {
  'discovery.list': nothing,
  'remote.scan': shape({ host, ports: plain(LIMITS.name, 1) }),
  'remote.pluginWorkers': shape({ host, port }),
};
