import type { FieldProblem } from '../../../shared/errors.ts';
import { nearest } from '../../../shared/nearest.ts';

/** Flags that we set, or that would take an instance out of our hands; the sentence says what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  '--port': 'the port is set in its own field',
  '--temp-directory': 'every instance gets its own: a second server would wipe a shared one',
  '--input-directory': 'all local servers share one, so that an uploaded picture is there for each of them',
  '--base-directory': 'it is part of the ComfyUI folder chosen in the settings',
  '--cuda-device': 'the device is set in its own field',
  '--default-device': 'the device is set in its own field',
  '--auto-launch': 'Comfy Ensemble opens a page only when you ask for it',
  '--windows-standalone-build': 'it would open a browser and start the updater for every instance',
  '--tls-keyfile': 'the servers talk to Comfy Ensemble over plain HTTP on this machine',
  '--tls-certfile': 'the servers talk to Comfy Ensemble over plain HTTP on this machine',
  '--quick-test-for-ci': 'the server would end as soon as it has started',
  '--list-feature-flags': 'the server would print a list and end',
  '--help': 'the server would print its help and end',
  '-h': 'the server would print its help and end',
};

/** Refused for workers only: the master keeps the install's own, which a person may move. */
const REFUSED_FOR_WORKERS: Readonly<Record<string, string>> = {
  '--output-directory':
    'every worker gets its own: two servers overwrite each other’s pictures in a shared one',
  '--database-url': 'every worker gets its own: a second server cannot open a shared one',
};

export interface ExtraArgumentsContext {
  readonly role: 'master' | 'worker';
  /** Long flags that the program's --help lists; empty when it is not known. */
  readonly flags: readonly string[];
  readonly onCpu: boolean;
}

export function flagOf(argument: string): string {
  return argument.startsWith('--') ? (argument.split('=', 1)[0] ?? argument) : argument;
}

export function hasFlag(argv: readonly string[], flag: string): boolean {
  return argv.some((argument) => flagOf(argument) === flag);
}

/** The value of `--flag value` or `--flag=value`; null when the flag is absent or bare. The last one wins, as in argparse. */
export function flagValue(argv: readonly string[], flag: string): string | null {
  let value: string | null = null;
  argv.forEach((argument, index) => {
    if (flagOf(argument) !== flag) return;
    const next = argv[index + 1];
    if (argument.includes('=')) value = argument.slice(flag.length + 1);
    else value = next === undefined || next.startsWith('--') ? null : next;
  });
  return value;
}

/** One problem per wrong flag, in the order they were typed. Abbreviations (argparse takes them) are refused as unknown. */
export function checkExtraArguments(
  argv: readonly string[],
  context: ExtraArgumentsContext,
): readonly FieldProblem[] {
  const first = argv[0];
  const messages = argv.map((argument) => problemOf(argument, context)).filter((message) => message !== null);
  if (first !== undefined && !first.startsWith('-')) {
    messages.unshift(
      `“${first}” stands alone: ComfyUI takes only flags such as --lowvram, each with its value behind it.`,
    );
  }
  const listen = listenProblem(argv);
  if (listen !== null) messages.push(listen);
  return [...new Set(messages)].map((message) => ({ field: 'extraArgs', message }));
}

function problemOf(argument: string, { role, flags, onCpu }: ExtraArgumentsContext): string | null {
  const isFlag = argument.startsWith('--') || argument === '-h';
  if (!isFlag) return null;
  const flag = flagOf(argument);
  const refusal = REFUSED[flag] ?? (role === 'worker' ? REFUSED_FOR_WORKERS[flag] : undefined);
  if (refusal !== undefined) return `${flag} cannot be set here: ${refusal}.`;
  if (flag === '--cpu' && !onCpu) return '--cpu cannot be set here: choose CPU as the device.';
  if (flags.length === 0 || flags.includes(flag)) return null;
  const meant = nearest(flag, flags);
  return meant === null
    ? `This ComfyUI does not know ${flag}.`
    : `This ComfyUI does not know ${flag}. Did you mean ${meant}?`;
}

const REACHABLE = new Set(['0.0.0.0', '127.0.0.1', 'localhost']);

/** A person may open a server to the network, but it must go on answering on this machine's own address. */
function listenProblem(argv: readonly string[]): string | null {
  const address = flagValue(argv, '--listen');
  if (address === null || address.split(',').some((part) => REACHABLE.has(part.trim()))) return null;
  return `--listen ${address} would not answer at 127.0.0.1, where Comfy Ensemble talks to it: write --listen 127.0.0.1,${address}.`;
}
