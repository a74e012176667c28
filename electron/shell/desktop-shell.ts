import path from 'node:path';
import { app, clipboard, type IpcMainEvent, type IpcMainInvokeEvent, ipcMain, session } from 'electron';
import type { Settings } from '../../shared/settings.ts';
import type { ControlCenter } from '../core/control-center.ts';
import type { HostServices } from '../core/host-services.ts';
import { type Logger, systemClock } from '../core/ports.ts';
import type { Dispatcher } from '../transports/dispatcher.ts';
import { registerIpc } from '../transports/ipc-server.ts';
import { setAppMenu } from './app-menu.ts';
import { serveAppProtocol } from './app-protocol.ts';
import { APP_ORIGIN, isOwnUrl } from './app-url.ts';
import { AppWindow } from './app-window.ts';
import { askToQuit } from './ask-to-quit.ts';
import type { EditorView } from './editor-view.ts';
import { startedAtLogin } from './launch-at-login.ts';
import { showNotification, startNotifications } from './notifications.ts';
import { quitQuestion } from './quit-decision.ts';
import { grantOnly, guardAllContents, OWN_PERMISSIONS } from './security-policy.ts';
import { Shutdown } from './shutdown.ts';
import { applyTheme } from './theme.ts';
import { FleetTray } from './tray.ts';
import type { TrayAction } from './tray-menu.ts';
import { isTrustedSender } from './trusted-sender.ts';

export interface DesktopShellDeps {
  readonly center: ControlCenter;
  readonly dispatcher: Dispatcher;
  readonly host: HostServices;
  readonly editor: EditorView;
  /** The folder of main.cjs, preload.cjs and renderer/. */
  readonly directory: string;
  /** Ends what else listens, before the servers are ended. */
  readonly closeServer: () => Promise<void>;
  readonly logger: Logger;
}

/** Window, tray, notifications and the way out, around one control center. */
export class DesktopShell {
  readonly window: AppWindow;
  readonly shutdown: Shutdown;
  readonly #deps: DesktopShellDeps;
  readonly #tray: FleetTray;

  constructor(deps: DesktopShellDeps) {
    this.#deps = deps;
    const { center } = deps;
    this.shutdown = this.#createShutdown();
    this.#secure();
    applyTheme(this.#settings.theme);
    setAppMenu(process.platform);
    this.window = this.#createWindow();
    this.#tray = new FleetTray({ platform: process.platform, run: (action) => void this.#run(action) });
    const showTray = (): void => this.#tray.update(center.snapshot(), center.gatewayUrl);
    showTray();
    center.events.on('fleet', showTray);
    center.events.on('gateway', showTray);
    center.events.on('settings', ({ theme }) => {
      applyTheme(theme);
      this.window.setBackground();
    });
    startNotifications({
      events: center.events,
      wanted: () => this.#settings.nativeNotifications && !this.window.native.isFocused(),
      onClick: () => this.window.show(),
    });
  }

  get #settings(): Settings {
    return this.#deps.center.settings.value;
  }

  /** Everything between the page and us, in place before the page exists. */
  #secure(): void {
    const { center, dispatcher, host, editor, directory, logger } = this.#deps;
    serveAppProtocol({
      rendererDirectory: path.join(directory, 'renderer'),
      serveFile: center.serveFile,
      logger,
    });
    grantOnly(session.defaultSession, OWN_PERMISSIONS, isOwnUrl);
    guardAllContents({
      app,
      logger,
      isHome: (contents, url) => (editor.owns(contents) ? editor.isHome(url) : isOwnUrl(url)),
      sendsOut: (contents) => editor.owns(contents),
      openExternal: (url) =>
        void host.openExternal(url).catch(() => logger.warn('a link was refused', { url })),
    });
    registerIpc<IpcMainInvokeEvent | IpcMainEvent>({
      ipcMain,
      dispatcher,
      events: center.events,
      isTrusted: (event) => isTrustedSender(event, this.window.native),
      logger,
    });
  }

  #createWindow(): AppWindow {
    return new AppWindow({
      url: `${APP_ORIGIN}/`,
      preload: path.join(this.#deps.directory, 'preload.cjs'),
      stateFile: path.join(app.getPath('userData'), 'window.json'),
      startHidden: startedAtLogin(process.argv),
      onCloseButton: () => {
        if (this.shutdown.isClosing) return 'close';
        return this.#settings.closeToTray ? 'hide' : 'ask-to-quit';
      },
      askToQuit: () => void this.shutdown.request(),
      onSessionEnd: () => void this.shutdown.force(),
      clock: systemClock,
      logger: this.#deps.logger,
    });
  }

  #createShutdown(): Shutdown {
    const { center, closeServer, logger } = this.#deps;
    return new Shutdown({
      clock: systemClock,
      logger,
      ask: async () => {
        const question = quitQuestion(center.snapshot(), this.#settings.stopOnQuit);
        return question === null ? null : askToQuit(this.window.native, question);
      },
      close: async (endServers) => {
        this.window.saveState();
        // Not merely hidden: a terminal's Ctrl+C also reaches Chromium's own processes, and a window that
        // outlives them takes us down before the servers are ended.
        this.window.native.destroy();
        await closeServer();
        await center.close(endServers ?? this.#settings.stopOnQuit);
        this.#tray.destroy();
      },
      exit: (code) => app.exit(code),
      kill: () => process.kill(process.pid, 'SIGKILL'),
    });
  }

  async #run(action: TrayAction): Promise<void> {
    if ('copy' in action) {
      clipboard.writeText(action.copy);
      return;
    }
    if ('shell' in action) {
      if (action.shell === 'show') this.window.show();
      else await this.shutdown.request();
      return;
    }
    const reply = await this.#deps.dispatcher.dispatch(action.command, action.args);
    if (reply.ok) return;
    const { message, hint } = reply.error;
    showNotification({ title: message, body: hint ?? '' }, () => this.window.show());
  }
}
