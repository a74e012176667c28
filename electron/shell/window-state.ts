import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const LEAST_SIZE = { width: 900, height: 640 } as const;
const FIRST_SIZE = { width: 1280, height: 840 } as const;
/** This much of a window must lie on a display, or nobody could drag it back, px. */
const GRIP = 80;

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface WindowState {
  readonly bounds: Box;
  readonly maximized: boolean;
}

export interface WindowPlace {
  /** Null: let the system choose. */
  readonly position: { readonly x: number; readonly y: number } | null;
  readonly width: number;
  readonly height: number;
  readonly maximized: boolean;
}

/**
 * Where the window goes: where it was, unless that display is gone or has become smaller.
 * @param workAreas of all displays, the primary one first
 */
export function placeWindow(saved: WindowState | null, workAreas: readonly Box[]): WindowPlace {
  const maximized = saved?.maximized ?? false;
  if (saved !== null) {
    for (const area of workAreas) {
      // As large as it will be: a window that was wider than this display may end before its edge.
      const box = { ...saved.bounds, ...fitted(saved.bounds, area) };
      if (isReachable(box, area)) {
        return { position: { x: box.x, y: box.y }, width: box.width, height: box.height, maximized };
      }
    }
  }
  return { position: null, ...fitted(saved?.bounds ?? FIRST_SIZE, workAreas[0] ?? FIRST_SIZE), maximized };
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** No larger than the display, no smaller than the interface needs. */
function fitted(size: Size, room: Size): Size {
  return {
    width: Math.max(LEAST_SIZE.width, Math.min(size.width, room.width)),
    height: Math.max(LEAST_SIZE.height, Math.min(size.height, room.height)),
  };
}

/** Its title bar can be grabbed on this display. */
function isReachable(bounds: Box, area: Box): boolean {
  const visible = Math.min(bounds.x + bounds.width, area.x + area.width) - Math.max(bounds.x, area.x);
  return visible >= GRIP && bounds.y >= area.y && bounds.y <= area.y + area.height - GRIP;
}

/** Anything but a whole, sane state counts as none. */
export function readWindowState(file: string): WindowState | null {
  try {
    return parseWindowState(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Synchronous, because it also runs while the app ends. A state that cannot be kept is no reason to stop. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(`${file}.tmp`, JSON.stringify(state));
    renameSync(`${file}.tmp`, file);
  } catch {
    return;
  }
}

export function parseWindowState(value: unknown): WindowState | null {
  if (typeof value !== 'object' || value === null || !('bounds' in value) || !('maximized' in value))
    return null;
  const { bounds, maximized } = value;
  if (typeof maximized !== 'boolean' || typeof bounds !== 'object' || bounds === null) return null;
  const box: Record<string, unknown> = { ...bounds };
  const number = (name: string): number => {
    const found = box[name];
    return typeof found === 'number' && Number.isSafeInteger(found) ? found : Number.NaN;
  };
  const parsed = { x: number('x'), y: number('y'), width: number('width'), height: number('height') };
  if (Object.values(parsed).some(Number.isNaN) || parsed.width < 1 || parsed.height < 1) return null;
  return { bounds: parsed, maximized };
}
