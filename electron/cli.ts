import { createInterface } from 'node:readline/promises';
import { runCli } from './cli/run.ts';
import { createTerminal } from './cli/terminal.ts';
import { appVersion } from './version.ts';

// `ensemble logs master | head` closes our output early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

async function ask(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}

void runCli({
  argv: process.argv.slice(2),
  terminal: createTerminal(process.stdout, process.stderr, process.env),
  environment: process.env,
  directory: import.meta.dirname,
  version: appVersion,
  input: () => process.stdin,
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : null,
  onInterrupt: (listener) => {
    process.on('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
}).then((code) => {
  process.exitCode = code;
});
