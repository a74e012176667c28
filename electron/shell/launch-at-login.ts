import path from 'node:path';
import { app } from 'electron';
import { HIDDEN_FLAG, setAutostart } from './autostart.ts';

/** What starts this very app: the AppImage rather than its mount point, and the checkout's folder where not packaged. */
function launchCommand(): readonly string[] {
  const program = process.env['APPIMAGE'] ?? process.execPath;
  return app.isPackaged ? [program] : [program, app.getAppPath()];
}

/** Linux has no call for it: desktops read ~/.config/autostart. */
export function setLaunchAtLogin(enabled: boolean): void {
  if (process.platform === 'linux') {
    setAutostart(path.join(app.getPath('appData'), 'autostart'), enabled, launchCommand());
    return;
  }
  const [program = process.execPath, ...args] = launchCommand();
  app.setLoginItemSettings({
    openAtLogin: enabled,
    path: program,
    args: [...args.map((arg) => `"${arg}"`), HIDDEN_FLAG],
  });
}

/** Whether the window should stay hidden at first. */
export function startedAtLogin(argv: readonly string[]): boolean {
  if (process.platform === 'darwin') return app.getLoginItemSettings().wasOpenedAtLogin;
  return argv.includes(HIDDEN_FLAG);
}
