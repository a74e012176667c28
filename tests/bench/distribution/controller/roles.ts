import { fork } from 'node:child_process';
import { measureBareMessages } from './bare-messages.ts';
import { type BulkSize, measureBulk } from './bulk.ts';
import { serveFakeWorkers } from './fake-workers.ts';
import { type FanOutSize, measureFanOut } from './fan-out.ts';
import { type MessagesSize, measureMessages } from './messages.ts';
import { measureOverhead, type OverheadSize } from './overhead.ts';
import type { WorkersSetting } from './protocol.ts';
import { measureRecovery, type RecoverySize } from './recovery.ts';

/** What a controller can be measured at, each in a process of its own. */
const MEASUREMENTS = {
  overhead: (size: OverheadSize) => measureOverhead(size),
  bareMessages: (size: MessagesSize) => measureBareMessages(size),
  messages: (size: MessagesSize) => measureMessages(size),
  fanOut: (size: FanOutSize) => measureFanOut(size),
  recovery: (size: RecoverySize) => measureRecovery(size),
  bulk: (size: BulkSize) => measureBulk(size),
};

type Measurements = typeof MEASUREMENTS;
type Name = keyof Measurements;

type Outcome =
  | { readonly ok: true; readonly figures: unknown }
  | { readonly ok: false; readonly why: string };

/** @throws when the process fails */
export function inOwnProcess<N extends Name>(
  name: N,
  size: Parameters<Measurements[N]>[0],
): Promise<Awaited<ReturnType<Measurements[N]>>> {
  const child = fork(process.argv[1] ?? '', ['controller', name, JSON.stringify(size)], {
    execArgv: ['--expose-gc'],
  });
  return new Promise((resolve, reject) => {
    child.once('message', (outcome: Outcome) => {
      if (outcome.ok) resolve(outcome.figures as Awaited<ReturnType<Measurements[N]>>);
      else reject(new Error(`${name}: ${outcome.why}`));
    });
    child.once('exit', (code, signal) => reject(new Error(`${name} ended with ${code ?? signal}`)));
  });
}

/** @returns false when this process is the benchmark itself and has no role in it */
export function playRole([role, first = '', second = '']: readonly string[]): boolean {
  if (role === 'fake-workers') {
    void serveFakeWorkers(JSON.parse(first) as WorkersSetting);
    return true;
  }
  if (role !== 'controller') return false;
  const measure = MEASUREMENTS[first as Name] as (size: unknown) => Promise<unknown>;
  measure(JSON.parse(second)).then(
    (figures) => answer({ ok: true, figures }),
    (error: unknown) =>
      answer({ ok: false, why: error instanceof Error ? String(error.stack) : String(error) }),
  );
  return true;
}

function answer(outcome: Outcome): void {
  process.send?.(outcome, () => process.exit(outcome.ok ? 0 : 1));
}
