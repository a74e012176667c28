import { silentLogger } from '../../../electron/core/ports.ts';
import { startGuardian } from '../../../electron/core/supervisor/guardian-client.ts';
import { ProcessRegistry } from '../../../electron/core/supervisor/registry.ts';

/** A control center to be killed: GUARDIAN REGISTRY DIRECTORY. */
const [guardian = '', file = '', directory = ''] = process.argv.slice(2);
void ProcessRegistry.open(file).then((registry) =>
  startGuardian({
    nodeCommand: [process.execPath, guardian],
    environment: {},
    registry,
    directory,
    logger: silentLogger,
  }),
);
setInterval(() => undefined, 1000);
