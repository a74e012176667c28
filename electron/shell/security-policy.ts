import type { App, Session, WebContents } from 'electron';
import type { Logger } from '../core/ports.ts';

/** For every page that is shown, ours or a server's: no Node in it, and its origin holds. */
export const SANDBOXED = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webviewTag: false,
  webSecurity: true,
} as const;

/** Copying a log line is the only thing our page asks a browser's permission for. */
export const OWN_PERMISSIONS: readonly string[] = ['clipboard-sanitized-write'];

/**
 * Both handlers are needed: one answers requests, the other the silent checks that precede them.
 * @param isHome whether the page is one that may ask at all
 */
export function grantOnly(
  session: Session,
  granted: readonly string[],
  isHome: (url: string) => boolean,
): void {
  const allowed = (contents: WebContents | null, permission: string): boolean =>
    granted.includes(permission) && contents !== null && isHome(contents.getURL());
  session.setPermissionRequestHandler((contents, permission, callback) => {
    callback(allowed(contents, permission));
  });
  session.setPermissionCheckHandler((contents, permission) => allowed(contents, permission));
  session.setDevicePermissionHandler(() => false);
}

export interface GuardOptions {
  readonly app: App;
  readonly logger: Logger;
  /** Where the page of these contents may go. */
  readonly isHome: (contents: WebContents, url: string) => boolean;
  /** Whether links of the page that lead elsewhere go to the default browser. */
  readonly sendsOut: (contents: WebContents) => boolean;
  /** A link that wants a window of its own: shown in the default browser if it may be. */
  readonly openExternal: (url: string) => void;
}

/** No page in our window ever becomes another one, opens a window, or embeds a view, whatever gets injected into it. */
export function guardAllContents({ app, logger, isHome, sendsOut, openExternal }: GuardOptions): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, url) => {
      if (isHome(contents, url)) return;
      event.preventDefault();
      logger.warn('a page tried to leave', { url });
      if (sendsOut(contents)) openExternal(url);
    });
    contents.on('will-redirect', (event, url) => {
      if (!isHome(contents, url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url);
      return { action: 'deny' };
    });
  });
}
