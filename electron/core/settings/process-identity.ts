import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/**
 * When a process started, in whatever form the system tells it: two processes that had the same pid one after the
 * other differ in it.
 * @returns null when the process is gone or the system does not tell
 */
export async function startTimeOf(
  pid: number,
  platform: NodeJS.Platform = process.platform,
): Promise<string | null> {
  if (platform === 'linux') return linuxStartTime(pid);
  if (platform === 'win32') {
    const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
    return output('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);
  }
  return output('ps', ['-o', 'lstart=', '-p', String(pid)]);
}

/** A pid that may belong to somebody else's process (EPERM) is alive as well. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat counts clock ticks since the boot, so the boot is part of it. */
async function linuxStartTime(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command (field 2) may hold blanks and brackets: fields are counted after its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
    // A zombie answers signals, yet it has ended.
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    return fields[19] === undefined ? null : `${fields[19]}@${boot.trim()}`;
  } catch {
    return null;
  }
}

function output(file: string, args: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(file, [...args], { timeout: 5_000, windowsHide: true }, (error, stdout) => {
      const text = stdout.trim();
      resolve(error === null && text !== '' ? text : null);
    });
  });
}
