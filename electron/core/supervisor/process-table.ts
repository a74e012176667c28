import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One row of the system's process table. */
export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** POSIX process group; 0 on Windows, which has none. */
  readonly group: number;
  /** Opaque; equal for the same process however often it is read, different after a reboot or a reuse of the pid. */
  readonly startTime: string;
  /** The command line, its words joined by blanks. */
  readonly command: string;
}

/** The system's process table; both reject when it cannot be read, which never means that a process is gone. */
export interface ProcessTable {
  list(): Promise<readonly ProcessRow[]>;
  find(pid: number): Promise<ProcessRow | null>;
}

const run = promisify(execFile);
const TABLE_MS = 10_000;
const TABLE_BYTES = 32 * 1024 * 1024;

/** Every living process; zombies count as dead. Rejects when the system's table cannot be read. */
export function listProcesses(platform: NodeJS.Platform = process.platform): Promise<readonly ProcessRow[]> {
  if (platform === 'linux') return listLinux();
  return platform === 'win32' ? listWindows() : listPs([]);
}

/** The process with this pid, or null when there is none (or only its zombie). */
export async function findProcess(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<ProcessRow | null> {
  if (platform === 'linux') return readLinux(pid, await bootId());
  const rows = platform === 'win32' ? await listWindows(pid) : await listPs(['-p', String(pid)]);
  return rows.find((row) => row.pid === pid) ?? null;
}

export const systemTable: ProcessTable = { list: () => listProcesses(), find: (pid) => findProcess(pid) };

async function listLinux(): Promise<readonly ProcessRow[]> {
  const boot = await bootId();
  const names = await readdir('/proc');
  const rows = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => readLinux(Number(name), boot)),
  );
  return rows.filter((row) => row !== null);
}

let knownBootId: string | null = null;

/** Start times count from boot: without its id, a process of yesterday's boot could look like one of today's. */
async function bootId(): Promise<string> {
  knownBootId ??= (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => 'boot')).trim();
  return knownBootId;
}

async function readLinux(pid: number, boot: string): Promise<ProcessRow | null> {
  try {
    const [stat, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    return parseStat(pid, stat, commandLine, boot);
  } catch (error) {
    // It ended while we looked, or belongs to somebody else. Anything else (no descriptors left) says nothing about it.
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (NOT_THERE.has(code)) return null;
    throw error;
  }
}

const NOT_THERE: ReadonlySet<string> = new Set(['ENOENT', 'ESRCH', 'EACCES', 'EPERM']);

/** proc(5): "pid (name) state ppid pgrp session … starttime(22)"; the name may hold blanks and parentheses. */
export function parseStat(pid: number, stat: string, commandLine: string, boot: string): ProcessRow | null {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const [state, parent, group] = fields;
  const ticks = fields[19];
  if (parent === undefined || group === undefined || ticks === undefined) return null;
  if (state === 'Z' || state === 'X') return null;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    startTime: `${boot}:${ticks}`,
    command: commandLine.split('\0').join(' ').trim(),
  };
}

async function listPs(selection: readonly string[]): Promise<readonly ProcessRow[]> {
  const columns = ['-ww', '-o', 'pid=,ppid=,pgid=,stat=,lstart=,command='];
  const all = selection.length === 0 ? ['-ax'] : [];
  // ps exits 1 when the pid is not there; its output is then empty.
  const output = await run('ps', [...all, ...columns, ...selection], {
    timeout: TABLE_MS,
    maxBuffer: TABLE_BYTES,
    // lstart's words follow the locale.
    env: { ...process.env, LC_ALL: 'C' },
  }).catch((error: { code?: unknown; stdout?: string }) => {
    if (error.code === 1 && selection.length > 0) return { stdout: '' };
    throw error;
  });
  return output.stdout
    .split('\n')
    .map(parsePsLine)
    .filter((row) => row !== null);
}

/** "  41  1  41 Ss   Mon Nov 23 20:59:39 2026     /usr/bin/python main.py" */
export function parsePsLine(line: string): ProcessRow | null {
  const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/.exec(
    line,
  );
  if (match === null) return null;
  const [, pid, parent, group, state, started, command] = match;
  if (state?.startsWith('Z') || started === undefined) return null;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    startTime: started.replaceAll(/\s+/g, ' '),
    command: (command ?? '').trim(),
  };
}

async function listWindows(pid: number | null = null): Promise<readonly ProcessRow[]> {
  const filter = pid === null ? '' : ` -Filter "ProcessId=${pid}"`;
  const script =
    `Get-CimInstance Win32_Process${filter} | ForEach-Object { [Console]::WriteLine(('{0}|{1}|{2}|{3}' -f ` +
    '$_.ProcessId, $_.ParentProcessId, $_.CreationDate.ToFileTimeUtc(), $_.CommandLine)) }';
  const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script], {
    timeout: TABLE_MS,
    maxBuffer: TABLE_BYTES,
    windowsHide: true,
  });
  return stdout
    .split(/\r?\n/)
    .map(parseWindowsLine)
    .filter((row) => row !== null);
}

/** "4711|4000|133456789012345678|python main.py --port 8189" */
export function parseWindowsLine(line: string): ProcessRow | null {
  const match = /^(\d+)\|(\d+)\|(\d+)\|(.*)$/.exec(line);
  if (match === null) return null;
  const [, pid, parent, startTime, command] = match;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: 0,
    startTime: startTime ?? '',
    command: (command ?? '').trim(),
  };
}
