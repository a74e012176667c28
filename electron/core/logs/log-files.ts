import { appendFileSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';

/** The writes to a log that can fail in ways worth testing. */
export interface LogFiles {
  append(file: string, text: string): void;
  copy(from: string, to: string): Promise<void>;
}

export const diskLogFiles: LogFiles = {
  append: (file, text) => {
    mkdirSync(path.dirname(file), { recursive: true });
    appendFileSync(file, text, { mode: 0o600 });
  },
  copy: (from, to) => copyFile(from, to),
};

/** Opens for appending, so that every writer's text lands at the end, wherever a rotation moved it. */
export function openForAppending(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true });
  return openSync(file, 'a', 0o600);
}

export function rotatedName(file: string): string {
  return `${file}.1`;
}

export function removeRotated(file: string): void {
  rmSync(rotatedName(file), { force: true });
}
