import { type BrowserWindow, dialog, shell } from 'electron';
import { EnsembleError } from '../../shared/errors.ts';
import type { HostEditor, HostServices } from '../core/host-services.ts';
import { mayOpenExternally } from './external-links.ts';
import { openKeychain } from './keychain.ts';
import { setLaunchAtLogin } from './launch-at-login.ts';

export interface DesktopHostDeps {
  readonly window: () => BrowserWindow | null;
  /** Base URLs that belong to the fleet or to us. */
  readonly ownPages: () => readonly string[];
  readonly editor: HostEditor;
  readonly quit: () => void;
}

/** What the desktop can do for the control center: native dialogs, the default browser, the login item. */
export function desktopHost({ window, ownPages, editor, quit }: DesktopHostDeps): HostServices {
  return {
    shell: 'desktop',
    canPickFolders: true,
    canLaunchAtLogin: true,
    pickFolder: async (title) => {
      const options = { title, properties: ['openDirectory', 'showHiddenFiles'] as const };
      const parent = window();
      const settled = { ...options, properties: [...options.properties] };
      const { canceled, filePaths } =
        parent === null ? await dialog.showOpenDialog(settled) : await dialog.showOpenDialog(parent, settled);
      return canceled ? null : (filePaths[0] ?? null);
    },
    openExternal: async (url) => {
      if (!mayOpenExternally(url, ownPages())) {
        throw new EnsembleError('bad-argument', `${url} is not an address that Comfy Ensemble opens.`);
      }
      await shell.openExternal(url);
    },
    setLaunchAtLogin,
    openKeychain: () => openKeychain(process.platform),
    editor,
    quit,
  };
}
