import { BrowserWindow, dialog, screen } from 'electron';
import type { Clock, Logger } from '../core/ports.ts';
import { appImage } from './icons.ts';
import { ReloadBudget } from './reload-budget.ts';
import { SANDBOXED } from './security-policy.ts';
import { backgroundColor } from './theme.ts';
import { LEAST_SIZE, placeWindow, readWindowState, writeWindowState } from './window-state.ts';

/** A drag sends many moves; the last one counts. */
const SAVE_AFTER_MS = 400;

export interface AppWindowDeps {
  readonly url: string;
  readonly preload: string;
  readonly stateFile: string;
  readonly startHidden: boolean;
  /** What the close button means now. */
  readonly onCloseButton: () => 'close' | 'hide' | 'ask-to-quit';
  readonly askToQuit: () => void;
  /** Windows ends the session: there is no time for questions. */
  readonly onSessionEnd: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The one window: lives as long as the app, hidden rather than closed. */
export class AppWindow {
  readonly native: BrowserWindow;
  readonly #deps: AppWindowDeps;
  readonly #budget = new ReloadBudget();
  #cancelSave: () => void = () => {};
  #asking = false;

  constructor(deps: AppWindowDeps) {
    this.#deps = deps;
    const saved = readWindowState(deps.stateFile);
    const place = placeWindow(
      saved,
      screen.getAllDisplays().map(({ workArea }) => workArea),
    );
    this.native = new BrowserWindow({
      ...place.position,
      width: place.width,
      height: place.height,
      minWidth: LEAST_SIZE.width,
      minHeight: LEAST_SIZE.height,
      title: 'Comfy Ensemble',
      icon: appImage(),
      show: false,
      backgroundColor: backgroundColor(),
      autoHideMenuBar: true,
      webPreferences: {
        preload: deps.preload,
        ...SANDBOXED,
      },
    });
    this.#keepState();
    this.#recover();
    this.#closeWith();
    const reveal = (): void => {
      if (place.maximized) this.native.maximize();
      this.native.show();
    };
    if (!deps.startHidden) this.native.once('ready-to-show', reveal);
  }

  /** Resolves when the page is there; a page that cannot be loaded is logged and still shown. */
  async load(): Promise<void> {
    try {
      await this.native.loadURL(this.#deps.url);
    } catch (error) {
      this.#deps.logger.error('the page could not be loaded', { error: String(error) });
      if (!this.#deps.startHidden) this.native.show();
    }
  }

  show(): void {
    if (this.native.isMinimized()) this.native.restore();
    this.native.show();
    this.native.focus();
  }

  setBackground(): void {
    this.native.setBackgroundColor(backgroundColor());
  }

  saveState(): void {
    this.#cancelSave();
    if (this.native.isDestroyed()) return;
    writeWindowState(this.#deps.stateFile, {
      bounds: this.native.getNormalBounds(),
      maximized: this.native.isMaximized(),
    });
  }

  #keepState(): void {
    const later = (): void => {
      this.#cancelSave();
      this.#cancelSave = this.#deps.clock.after(SAVE_AFTER_MS, () => this.saveState());
    };
    this.native.on('resize', later);
    this.native.on('move', later);
    this.native.on('maximize', later);
    this.native.on('unmaximize', later);
  }

  #closeWith(): void {
    this.native.on('close', (event) => {
      const meaning = this.#deps.onCloseButton();
      this.saveState();
      if (meaning === 'close') return;
      event.preventDefault();
      if (meaning === 'hide') this.native.hide();
      else this.#deps.askToQuit();
    });
    this.native.on('session-end', this.#deps.onSessionEnd);
  }

  #recover(): void {
    const { webContents } = this.native;
    const { clock, logger } = this.#deps;
    webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit') return;
      logger.error('the page crashed', { reason, exitCode });
      if (this.#budget.allows(clock.now())) webContents.reload();
      else void this.#offerReload();
    });
    webContents.on('unresponsive', () => void this.#offerEnd());
    webContents.on('preload-error', (_event, _path, error) => {
      logger.error('the preload script failed', { error: error.message });
    });
  }

  async #offerReload(): Promise<void> {
    const answer = await this.#ask({
      message: 'The window keeps crashing.',
      detail: 'Your servers go on. The control center’s log says more.',
      buttons: ['Reload', 'Leave it'],
    });
    if (answer !== 0) return;
    this.#budget.reset();
    this.native.webContents.reload();
  }

  async #offerEnd(): Promise<void> {
    const answer = await this.#ask({
      message: 'The window does not respond.',
      detail: 'Your servers go on either way.',
      buttons: ['Wait', 'Reload'],
    });
    // A page that hangs cannot be reloaded: its process is ended, which reloads it.
    if (answer === 1) this.native.webContents.forcefullyCrashRenderer();
  }

  /** @returns the button's index, or null while another question stands */
  async #ask(question: { message: string; detail: string; buttons: string[] }): Promise<number | null> {
    if (this.#asking) return null;
    this.#asking = true;
    try {
      const { response } = await dialog.showMessageBox(this.native, { type: 'warning', ...question });
      return response;
    } finally {
      this.#asking = false;
    }
  }
}
