import type { Logger } from './core/ports.ts';
import { guard } from './core/supervisor/guardian.ts';

/** Outlives the control center that started it (dist/guardian.cjs PROCESSES.JSON); ends with its own work done. */

const logger: Logger = {
  debug: () => undefined,
  info: (message, fields) => write('info', message, fields),
  warn: (message, fields) => write('warning', message, fields),
  error: (message, fields) => write('error', message, fields),
};

function write(level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${new Date().toISOString()} ${level} ${message} ${JSON.stringify(fields)}\n`);
}

// Log-out and shut-down send these to everybody; the servers come first.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const registryFile = process.argv[2];
if (registryFile === undefined) {
  process.stderr.write('usage: guardian PROCESSES.JSON\n');
  process.exitCode = 2;
} else {
  void guard(process.stdin, registryFile, logger).then(
    () => process.exit(0),
    (error: unknown) => {
      write('error', String(error));
      process.exit(1);
    },
  );
}
