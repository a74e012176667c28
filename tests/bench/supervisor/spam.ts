import { spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { InstanceLog } from '../../../electron/core/logs/instance-log.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import type { Report } from '../support/report.ts';

const LINES_PER_SECOND = 50_000;
const SECONDS = 15;

/** Writes 50,000 lines of 80 characters a second for as long as it is told. */
const SPAMMER = `
const line = 'x'.repeat(79) + '\\n';
const started = Date.now();
let written = 0;
const timer = setInterval(() => {
  const due = Math.floor((Date.now() - started) / 1000 * ${LINES_PER_SECOND});
  process.stdout.write(line.repeat(Math.max(0, due - written)));
  written = Math.max(written, due);
  if (Date.now() - started > ${SECONDS * 1000}) clearInterval(timer);
}, 20);
`;

/** One child that never stops talking must not slow down or bloat the control center. */
export async function measureSpam(report: Report, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const log = new InstanceLog({
    file: path.join(directory, 'comfyui.log'),
    clock: systemClock,
    logger: silentLogger,
  });
  let lines = 0;
  log.onLines((batch) => {
    lines += batch.length;
  });
  const fd = log.openForChild();
  log.start();
  const child = spawn(process.execPath, ['-e', SPAMMER], { stdio: ['ignore', fd, fd] });
  closeSync(fd);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await pause(3_000);
  delay.enable();
  const before = settledHeap();
  const linesBefore = lines;
  const begun = performance.now();
  await pause((SECONDS - 5) * 1000);
  const seconds = (performance.now() - begun) / 1000;
  delay.disable();
  report.atLeast('log lines read', (lines - linesBefore) / seconds, LINES_PER_SECOND * 0.95, 'lines/s');
  // The histogram counts from its own 1 ms resolution.
  report.atMost('event-loop delay meanwhile, p99', delay.percentile(99) / 1e6 - 1, 20, 'ms');
  report.atMost('heap growth meanwhile', (settledHeap() - before) / 2 ** 20, 10, 'MiB');
  child.kill('SIGKILL');
  log.stop();
}

function settledHeap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
