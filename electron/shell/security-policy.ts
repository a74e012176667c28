import type { App, Session, WebContents } from 'electron';
import type { Logger } from '../core/ports.ts';
import { isOwnUrl } from './app-url.ts';

/** Copying a log line is the only thing our page asks a browser's permission for. */
const GRANTED: readonly string[] = ['clipboard-sanitized-write'];

/** Both handlers are needed: one answers requests, the other the silent checks that precede them. */
export function denyPermissions(session: Session): void {
  const allowed = (contents: WebContents | null, permission: string): boolean =>
    GRANTED.includes(permission) && contents !== null && isOwnUrl(contents.getURL());
  session.setPermissionRequestHandler((contents, permission, callback) => {
    callback(allowed(contents, permission));
  });
  session.setPermissionCheckHandler((contents, permission) => allowed(contents, permission));
  session.setDevicePermissionHandler(() => false);
}

export interface GuardOptions {
  readonly app: App;
  readonly logger: Logger;
  /** A link that wants a window of its own: shown in the default browser if it may be. */
  readonly openExternal: (url: string) => void;
}

/** No page of ours ever becomes another one, opens a window, or embeds a view, whatever gets injected into it. */
export function guardAllContents({ app, logger, openExternal }: GuardOptions): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event, url) => {
      if (isOwnUrl(url)) return;
      event.preventDefault();
      logger.warn('a page tried to leave', { url });
    });
    contents.on('will-redirect', (event, url) => {
      if (!isOwnUrl(url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(({ url }) => {
      openExternal(url);
      return { action: 'deny' };
    });
  });
}
