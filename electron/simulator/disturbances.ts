import { randomBytes } from 'node:crypto';
import type { Listener } from './http/listener.ts';
import { writeQuietly } from './machine/log-book.ts';
import type { UsagePublisher } from './machine/usage.ts';
import type { BehaviourScript } from './script.ts';
import type { ServerCore } from './server-core.ts';

const SPAM_INTERVAL_MS = 20;

/** Ends the process the way the script says, after its last words. */
export function endAsScripted(script: BehaviourScript, usage: UsagePublisher | null): never {
  if (script.lastWords !== undefined) writeQuietly(2, `${script.lastWords}\n`);
  usage?.remove();
  if (script.exitSignal !== undefined) process.kill(process.pid, script.exitSignal);
  process.exit(script.exitCode ?? 1);
}

/** Starts what the script wants to go wrong, counted from ready. */
export function armDisturbances(
  script: BehaviourScript,
  core: ServerCore,
  listener: Listener,
  usage: UsagePublisher | null,
): void {
  if (script.crashAfterMs !== undefined) setTimeout(() => endAsScripted(script, usage), script.crashAfterMs);
  if (script.rebootAfterMs !== undefined) {
    setTimeout(() => {
      usage?.remove();
      process.exit(0);
    }, script.rebootAfterMs);
  }
  if (script.hangAfterMs !== undefined) {
    setTimeout(() => {
      listener.hung = true;
      core.hub.hung = true;
    }, script.hangAfterMs);
  }
  if (script.garbageOutput) setInterval(() => writeQuietly(1, randomBytes(256)), 100);
  if (script.logLinesPerSecond !== undefined) spam(script.logLinesPerSecond);
}

/** Keeps the rate over time even when a burst was late. */
function spam(linesPerSecond: number): void {
  const started = performance.now();
  let written = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * linesPerSecond) - written;
    const lines = Array.from(
      { length: Math.max(0, due) },
      (_, index) => `[spam] line ${written + index} of a very talkative custom node\n`,
    );
    written += lines.length;
    if (lines.length > 0) writeQuietly(2, lines.join(''));
  }, SPAM_INTERVAL_MS);
}
