import { spawn } from 'node:child_process';

/** Opens an http(s) address in the person's browser. Resolves to false when there is none. */
export function openBrowser(url: string): Promise<boolean> {
  if (!/^https?:\/\//.test(url)) return Promise.resolve(false);
  const [command, ...args] = opener(url);
  return new Promise((resolve) => {
    if (command === undefined) {
      resolve(false);
      return;
    }
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

function opener(url: string): readonly string[] {
  if (process.platform === 'darwin') return ['open', url];
  // rundll32 takes the address as one argument; cmd's start would interpret & and ^.
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  const display = process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'];
  return display === undefined ? [] : ['xdg-open', url];
}
