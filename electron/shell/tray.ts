import { Menu, type MenuItemConstructorOptions, nativeTheme, Tray } from 'electron';
import { assertNever } from '../../shared/assert-never.ts';
import type { FleetSnapshot } from '../../shared/model.ts';
import { trayImage } from './icons.ts';
import { type TrayAction, type TrayItem, trayMenu, trayTooltip } from './tray-menu.ts';

export interface TrayOptions {
  readonly platform: NodeJS.Platform;
  readonly run: (action: TrayAction) => void;
}

/** The icon in the panel. Its native menu is rebuilt only when what it says has changed. */
export class FleetTray {
  readonly #tray: Tray;
  readonly #options: TrayOptions;
  readonly #onTheme = (): void => this.#tray.setImage(this.#image());
  #shown = '';
  #tooltip = '';

  constructor(options: TrayOptions) {
    this.#options = options;
    this.#tray = new Tray(this.#image());
    this.#tray.on('click', () => options.run({ shell: 'show' }));
    nativeTheme.on('updated', this.#onTheme);
  }

  update(fleet: FleetSnapshot, gatewayUrl: string | null): void {
    const items = trayMenu(fleet, gatewayUrl);
    const content = JSON.stringify(items);
    if (content !== this.#shown) {
      this.#shown = content;
      this.#tray.setContextMenu(Menu.buildFromTemplate(this.#template(items)));
    }
    const tooltip = trayTooltip(fleet);
    if (tooltip !== this.#tooltip) {
      this.#tooltip = tooltip;
      this.#tray.setToolTip(tooltip);
    }
  }

  destroy(): void {
    nativeTheme.removeListener('updated', this.#onTheme);
    this.#tray.destroy();
  }

  #image(): Electron.NativeImage {
    return trayImage(this.#options.platform, nativeTheme.shouldUseDarkColorsForSystemIntegratedUI);
  }

  #template(items: readonly TrayItem[]): MenuItemConstructorOptions[] {
    return items.map((item) => this.#native(item));
  }

  #native(item: TrayItem): MenuItemConstructorOptions {
    switch (item.kind) {
      case 'separator':
        return { type: 'separator' };
      case 'label':
        return { label: item.text, enabled: false };
      case 'submenu':
        return { label: item.text, submenu: this.#template(item.items) };
      case 'action':
        return { label: item.text, enabled: item.enabled, click: () => this.#options.run(item.action) };
      default:
        return assertNever(item);
    }
  }
}
