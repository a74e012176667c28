import { assertNever } from '../../../shared/assert-never.ts';
import type { DeathCause, FailureReport } from '../../../shared/lifecycle.ts';
import { type Finding, findInLines } from './diagnosis-lines.ts';

/** What ended it when we did it ourselves, or when it never began. */
export type OwnVerdict =
  | { readonly kind: 'ready-timeout'; readonly seconds: number }
  | { readonly kind: 'hang'; readonly seconds: number }
  | { readonly kind: 'spawn-failed'; readonly message: string };

export interface Evidence {
  /** null when a signal ended it, or when nobody could see the exit (an adopted process). */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Its last output lines, oldest first, without ANSI. */
  readonly lines: readonly string[];
  /** Highest share of the machine's memory that was in use in its last minute, 0..1; null when not known. */
  readonly memoryPeak: number | null;
  /** Had it answered before it died? */
  readonly wasReady: boolean;
  readonly verdict: OwnVerdict | null;
  readonly port: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** Above this the kernel's out-of-memory killer is the likely sender of a SIGKILL. */
const MEMORY_FULL = 0.9;
const MOST_LAST_LINES = 20;

/** Cause of death in words. Pure; always gives a report. */
export function diagnose(evidence: Evidence): FailureReport {
  const finding = verdictFinding(evidence) ?? fromExit(evidence);
  return {
    cause: finding.cause,
    summary: finding.summary,
    remedy: finding.remedy,
    exitCode: evidence.exitCode,
    signal: evidence.signal,
    lastLines: evidence.lines.slice(-MOST_LAST_LINES),
    at: evidence.at,
  };
}

function finding(cause: DeathCause, summary: string, remedy: string | null): Finding {
  return { cause, summary, remedy };
}

function verdictFinding({ verdict, port }: Evidence): Finding | null {
  if (verdict === null) return null;
  switch (verdict.kind) {
    case 'ready-timeout':
      return finding(
        'ready-timeout',
        `It did not answer within ${verdict.seconds} s of its start.`,
        'Look at the log for what it was doing; slow custom nodes may need a longer limit in the settings.',
      );
    case 'hang':
      return finding(
        'hang',
        `It stopped answering for ${verdict.seconds} s while its process was still alive, and was ended.`,
        'Look at the last lines of the log for what it was doing.',
      );
    case 'spawn-failed':
      return findInLines([verdict.message], port) ?? spawnFinding(verdict.message);
    default:
      return assertNever(verdict);
  }
}

function spawnFinding(message: string): Finding {
  const missing = /ENOENT|ENOTDIR/.test(message);
  return finding(
    'spawn-failed',
    missing
      ? 'It could not be started: its Python or its folder is not there.'
      : `It could not be started: ${message}.`,
    missing
      ? 'Choose the ComfyUI folder again in the settings.'
      : 'Check that the Python of this ComfyUI may be run by you.',
  );
}

function fromExit(evidence: Evidence): Finding {
  const { exitCode, signal, lines, memoryPeak, wasReady, port } = evidence;
  const killed = signal === 'SIGKILL' || exitCode === 137;
  // A kill leaves no last words: what the log says was survived, so full memory speaks first.
  if (killed && memoryPeak !== null && memoryPeak > MEMORY_FULL) return outOfMemoryKill(memoryPeak);
  if (exitCode === 0) return cleanExit(wasReady);
  return findInLines(lines, port) ?? fromSignal(signal) ?? fromCode(exitCode);
}

function outOfMemoryKill(peak: number): Finding {
  return finding(
    'out-of-ram',
    `The system killed it when memory was ${Math.round(peak * 100)} % full.`,
    'Close other programs, run fewer servers on this machine, or use smaller models.',
  );
}

function cleanExit(wasReady: boolean): Finding {
  return wasReady
    ? finding('clean-exit', 'It ended by itself without an error.', null)
    : finding(
        'clean-exit',
        'It ended by itself before it was ready.',
        'Look for an extra argument or a custom node that ends the server.',
      );
}

const NATIVE_REMEDY =
  'The GPU driver or the compiled part of a custom node is the usual culprit: update the driver, and try without the node named last in the log.';

const SIGNALS: Readonly<Record<string, Finding>> = {
  SIGKILL: finding(
    'killed',
    'Another program, or the system, killed it.',
    'If nobody did, look at the memory of this machine.',
  ),
  SIGTERM: finding('killed', 'Another program asked it to end.', null),
  SIGINT: finding('killed', 'Another program interrupted it.', null),
  SIGHUP: finding('killed', 'Its terminal session was closed.', null),
  SIGSEGV: finding('unknown', 'It crashed in compiled code (segmentation fault).', NATIVE_REMEDY),
  SIGBUS: finding(
    'unknown',
    'It crashed in compiled code (bus error).',
    'A model file may be damaged, or its disk may be full or gone.',
  ),
  SIGILL: finding(
    'unknown',
    'It crashed on an instruction that this processor does not know.',
    'Install a PyTorch built for this processor.',
  ),
  SIGABRT: finding('unknown', 'It gave up in compiled code (abort).', NATIVE_REMEDY),
  SIGFPE: finding('unknown', 'It crashed in compiled code (arithmetic error).', NATIVE_REMEDY),
};

function fromSignal(signal: string | null): Finding | null {
  if (signal === null) return null;
  return SIGNALS[signal] ?? finding('unknown', `It was ended by ${signal}.`, null);
}

/** 128 + signal number, as shells and containers report it. */
const SIGNAL_CODES: Readonly<Record<number, string>> = {
  129: 'SIGHUP',
  130: 'SIGINT',
  132: 'SIGILL',
  134: 'SIGABRT',
  135: 'SIGBUS',
  136: 'SIGFPE',
  137: 'SIGKILL',
  139: 'SIGSEGV',
  143: 'SIGTERM',
};

/** NTSTATUS codes that Windows gives as exit codes. */
const WINDOWS_CODES: Readonly<Record<number, Finding>> = {
  3221225477: finding('unknown', 'It crashed in compiled code (access violation).', NATIVE_REMEDY),
  3221225725: finding('unknown', 'It crashed in compiled code (stack overflow).', NATIVE_REMEDY),
  3221226505: finding('unknown', 'It gave up in compiled code (0xC0000409).', NATIVE_REMEDY),
  3221226356: finding('unknown', 'It crashed in compiled code (damaged heap).', NATIVE_REMEDY),
  3221225501: finding(
    'unknown',
    'It crashed on an instruction that this processor does not know.',
    'Install a PyTorch built for this processor.',
  ),
  3221225495: finding(
    'out-of-ram',
    'Windows had no memory left for it.',
    'Make the page file larger, or run fewer servers.',
  ),
  3221225773: finding(
    'out-of-ram',
    'Windows had no memory left for it (commit limit).',
    'Make the page file larger, or run fewer servers.',
  ),
  3221225781: finding(
    'missing-module',
    'A DLL that its Python needs is missing.',
    'Install the Microsoft Visual C++ Redistributable, or install this ComfyUI again.',
  ),
  3221225794: finding(
    'driver',
    'A DLL could not be initialised, as happens when the GPU driver is being changed.',
    'Restart the machine.',
  ),
  3221225786: finding('killed', 'Its console was closed, or somebody pressed Ctrl+C.', null),
  1073807364: finding('killed', 'It was ended because the session was closed.', null),
};

function fromCode(exitCode: number | null): Finding {
  if (exitCode === null) {
    return finding('unknown', 'It ended while nobody was watching.', 'Look at the last lines of its log.');
  }
  // Node gives NTSTATUS codes unsigned, other programs signed.
  const windows = WINDOWS_CODES[exitCode >>> 0];
  if (windows !== undefined) return windows;
  const signal = fromSignal(SIGNAL_CODES[exitCode] ?? null);
  if (signal !== null) return signal;
  return finding('unknown', `It ended with exit code ${exitCode}.`, 'Look at the last lines of its log.');
}
