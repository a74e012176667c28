import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import type { EnsembleBridge, Reply } from '../../../shared/ipc.ts';
import { AppProcess } from './app-process.ts';
import { appArguments, electronPath } from './electron.ts';
import type { World } from './world.ts';

/** The page's side of the bridge, for code that runs in the page. */
export type BridgeWindow = Window & { ensemble: EnsembleBridge };

/** The app with Playwright in its page and in its main process. */
export class Desktop extends AppProcess {
  private constructor(
    readonly app: ElectronApplication,
    readonly page: Page,
  ) {
    super(app.process());
  }

  static async launch(world: World): Promise<Desktop> {
    const app = await _electron.launch({
      executablePath: electronPath(),
      args: [...appArguments(world)],
      env: world.environment,
      cwd: world.directory,
      // Playwright would show every page the light theme.
      colorScheme: null,
    });
    return new Desktop(app, await app.firstWindow());
  }

  override send(command: string, args: unknown): Promise<Reply> {
    return this.page.evaluate(
      ([name, given]) => (window as unknown as BridgeWindow).ensemble.invoke(name, given),
      [command, args] as const,
    );
  }

  windowIs(what: 'isVisible' | 'isFocused' | 'isMaximized'): Promise<boolean> {
    return this.app.evaluate(
      ({ BrowserWindow }, name) => BrowserWindow.getAllWindows()[0]?.[name]() ?? false,
      what,
    );
  }
}
