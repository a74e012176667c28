import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, closeSync, existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InstanceLog, type InstanceLogDeps } from '../../../electron/core/logs/instance-log.ts';
import { diskLogFiles } from '../../../electron/core/logs/log-files.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';

let directory = '';
let open: InstanceLog[] = [];
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'log-'));
});
afterEach(async () => {
  for (const log of open) log.stop();
  open = [];
  await rm(directory, { recursive: true, force: true });
});

const file = () => path.join(directory, 'instances', 'w1', 'comfyui.log');
function makeLog(more: Partial<InstanceLogDeps> = {}): InstanceLog {
  const log = new InstanceLog({ file: file(), clock: systemClock, logger: silentLogger, ...more });
  open.push(log);
  return log;
}
const texts = (log: InstanceLog) => log.read({ after: null, limit: 100_000 }).lines.map((line) => line.text);

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await pause(10);
  }
}

/** Runs a script whose stdout and stderr are the log, as a server's are. */
async function runChild(log: InstanceLog, script: string): Promise<void> {
  const descriptor = log.openForChild();
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', descriptor, descriptor] });
  closeSync(descriptor);
  await once(child, 'exit');
}

describe('the log of an instance', { timeout: 60_000 }, () => {
  it('has what a child said last when its exit is seen', async () => {
    const log = makeLog();
    log.start();
    await runChild(log, 'console.log("one"); console.error("two"); process.stdout.write("no line end")');
    expect(log.last(3)).toEqual(['one', 'two', 'no line end']);
    expect(log.last(1)).toEqual(['no line end']);
  });

  it('tells new lines to listeners and to those who wait', async () => {
    const log = makeLog();
    const told: string[] = [];
    log.onLines((lines) => told.push(...lines.map((line) => line.text)));
    log.start();
    const waited = log.wait(null, 15_000);
    const finished = runChild(log, 'console.log("hello")');
    await waited;
    expect(told).toEqual(['hello']);
    const { next } = log.read({ after: null, limit: 1 });
    await log.wait(next - 1, 20);
    const abort = new AbortController();
    const aborted = log.wait(next - 1, 60_000, abort.signal);
    abort.abort();
    await aborted;
    await finished;
  });

  it('shows what an earlier control center’s child wrote, and goes on from there', async () => {
    await runChild(makeLog(), 'for (let i = 0; i < 5; i++) console.log("line " + i)');
    const log = makeLog();
    log.start();
    expect(texts(log)).toEqual(['line 0', 'line 1', 'line 2', 'line 3', 'line 4']);
    log.stop();
    appendFileSync(file(), 'later\n');
    log.start();
    expect(log.last(2)).toEqual(['line 4', 'later']);
  });

  it('pages without gaps, and tells what fell out of the ring', () => {
    const log = makeLog({ ringLines: 10 });
    log.start();
    for (let i = 0; i < 25; i += 1) log.note(`n${i}`);
    const page = log.read({ after: 3, limit: 4 });
    expect(page).toMatchObject({ first: 15, next: 25, dropped: 11 });
    expect(page.lines.map((line) => line.seq)).toEqual([15, 16, 17, 18]);
    expect(log.read({ after: 24, limit: 4 }).lines).toEqual([]);
    expect(log.read({ after: 999, limit: 2 }).lines.map((line) => line.seq)).toEqual([23, 24]);
  });

  it('writes its own lines to the file, never glued to an unfinished one', () => {
    const log = makeLog();
    log.start();
    log.note('started');
    appendFileSync(file(), 'half a li');
    log.note('The port is taken', 'error');
    expect(texts(log)).toEqual([
      '[Comfy Ensemble] started',
      'half a li',
      '[Comfy Ensemble] ERROR: The port is taken',
    ]);
    expect(log.read({ after: null, limit: 1 }).lines[0]?.level).toBe('error');
  });

  it('follows a file that was truncated or deleted', async () => {
    const log = makeLog();
    log.start();
    await runChild(log, 'console.log("a".repeat(200))');
    expect(log.last(1)[0]).toHaveLength(200);
    await writeFile(file(), 'short\n');
    expect(log.last(1)).toEqual(['short']);
    await rm(file());
    await runChild(log, 'console.log("anew")');
    expect(log.last(1)).toEqual(['anew']);
  });

  it('empties ring and file while numbers go on', () => {
    const log = makeLog();
    log.start();
    log.note('old');
    log.clear();
    expect(statSync(file()).size).toBe(0);
    expect(texts(log)).toEqual([]);
    log.note('new');
    expect(log.read({ after: null, limit: 9 }).lines).toMatchObject([
      { seq: 1, text: '[Comfy Ensemble] new' },
    ]);
  });

  it('survives binary garbage and a line without end', async () => {
    const log = makeLog();
    log.start();
    const script =
      'const b = require("crypto").randomBytes(3e6); require("fs").writeSync(1, b); process.stdout.write("x".repeat(1e6) + "\\nend\\n")';
    await runChild(log, script);
    expect(log.last(1)).toEqual(['end']);
    for (const text of texts(log)) expect(text.length).toBeLessThan(17_000);
  });

  it('loses nothing and keeps the order under spam, in bounded memory', async () => {
    const log = makeLog({ ringLines: 5_000 });
    const seen: number[] = [];
    log.onLines((lines) => {
      for (const line of lines) seen.push(Number(line.text.split(' ')[1]));
    });
    log.start();
    const script = `let n = 0; const fs = require('fs');
      for (let i = 0; i < 200; i++) { let s = ''; for (let k = 0; k < 500; k++) s += 'line ' + n++ + ' of the spam\\n'; fs.writeSync(1, s); }`;
    await runChild(log, script);
    log.last(1);
    expect(seen).toHaveLength(100_000);
    expect(seen.every((value, index) => value === index)).toBe(true);
    expect(texts(log)).toHaveLength(5_000);
  });

  it('rotates by copying and truncating while the child goes on writing', async () => {
    const log = makeLog({ maxBytes: 100_000 });
    log.start();
    const script = `let n = 0; const fs = require('fs');
      const t = setInterval(() => { fs.writeSync(1, ('line ' + n++ + ' ' + 'x'.repeat(90) + '\\n').repeat(20)); if (n === 120) clearInterval(t); }, 3)`;
    await runChild(log, script);
    log.last(1);
    await until(() => existsSync(`${file()}.1`));
    await until(() => statSync(file()).size < 150_000);
    expect(log.last(1)[0]).toMatch(/^line 119 /);
    // Copied and cut, not lost: where the rotated part ends, the file goes on (or begins a later part).
    const kept = readFileSync(`${file()}.1`, 'utf8').trimEnd().split('\n');
    expect(kept.every((line) => /^line \d+ x+$/.test(line))).toBe(true);
  });

  it('goes on when the disk is full, says so once, and never grows for ever', async () => {
    const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const files = {
      append: () => {
        throw full;
      },
      copy: () => Promise.reject(full),
    };
    const log = makeLog({ maxBytes: 10_000, files });
    log.start();
    log.note('first');
    log.note('second');
    expect(texts(log)).toEqual([
      expect.stringContaining('WARNING: This log cannot be written: the disk is full'),
      '[Comfy Ensemble] first',
      '[Comfy Ensemble] second',
    ]);
    await runChild(log, 'for (let i = 0; i < 500; i++) console.log("y".repeat(50))');
    await until(() => texts(log).some((text) => text.includes('could not be kept')));
    expect(statSync(file()).size).toBe(0);
  });

  it('lets a child start although its log cannot be made', async () => {
    await writeFile(path.join(directory, 'instances'), 'in the way');
    const log = makeLog({ files: diskLogFiles });
    log.start();
    await runChild(log, 'console.log("unheard")');
    expect(texts(log)).toEqual([expect.stringContaining('cannot be written')]);
  });
});
