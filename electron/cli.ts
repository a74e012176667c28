import { runCli } from './cli/run.ts';
import { createTerminal } from './cli/terminal.ts';
import { appVersion } from './version.ts';

// `ensemble logs master | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

void runCli({
  argv: process.argv.slice(2),
  terminal: createTerminal(process.stdout, process.stderr, process.env),
  environment: process.env,
  directory: import.meta.dirname,
  version: appVersion,
  input: () => process.stdin,
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
}).then((code) => {
  process.exitCode = code;
});
