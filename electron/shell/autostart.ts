import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Started by the system at login: the window stays in the tray. */
export const HIDDEN_FLAG = '--hidden';
const ENTRY_NAME = 'comfy-ensemble.desktop';

/**
 * Writes or removes the entry that Linux desktops start at login.
 * @param directory ~/.config/autostart
 */
export function setAutostart(directory: string, enabled: boolean, command: readonly string[]): void {
  const file = path.join(directory, ENTRY_NAME);
  if (!enabled) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(directory, { recursive: true });
  writeFileSync(file, autostartEntry(command));
}

/** freedesktop.org Desktop Entry Specification 1.5, "The Exec key": arguments quoted, `%` doubled. */
export function autostartEntry(command: readonly string[]): string {
  const exec = [...command, HIDDEN_FLAG].map(quoteExec).join(' ');
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Name=Comfy Ensemble',
    'Comment=Every GPU you have acts as one ComfyUI',
    `Exec=${exec}`,
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

function quoteExec(argument: string): string {
  // Twice: once for the quoted argument, once for the value of a key, which has its own backslashes.
  const quoted = argument.replace(/["`$\\]/g, '\\$&').replace(/%/g, '%%');
  return `"${quoted.replace(/\\/g, '\\\\')}"`;
}
