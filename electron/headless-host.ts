import { EnsembleError } from '../shared/errors.ts';
import type { HostServices } from './core/host-services.ts';
import { openBrowser } from './open-browser.ts';

/** What a plain Node process can do for the control center: no dialogs, no login item. */
export function headlessHost(quit: () => void): HostServices {
  return {
    shell: 'headless',
    canPickFolders: false,
    canLaunchAtLogin: false,
    pickFolder: async () => {
      throw new EnsembleError(
        'unavailable',
        'There is no folder dialog without a desktop window.',
        'Type the path into the field.',
      );
    },
    openExternal: async (url) => {
      // Over the network the page opens it itself; here only the machine's own browser could.
      await openBrowser(url);
    },
    setLaunchAtLogin: () => {
      throw new EnsembleError(
        'unavailable',
        'Only the desktop app can start at login.',
        'Use your system’s service manager with `npx ensemble serve`.',
      );
    },
    openKeychain: async () => null,
    editor: null,
    quit,
  };
}
