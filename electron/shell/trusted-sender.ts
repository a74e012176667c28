import type { BrowserWindow, IpcMainEvent, IpcMainInvokeEvent } from 'electron';
import { isOwnUrl } from './app-url.ts';

/** True only for the main frame of our window while it shows our own page: not for a frame inside it, nor a foreign page. */
export function isTrustedSender(
  { sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent,
  window: BrowserWindow | null,
): boolean {
  if (window === null || window.isDestroyed() || sender !== window.webContents) return false;
  // Null once the frame has navigated away or is gone: then nobody trustworthy is asking.
  if (senderFrame === null || senderFrame.parent !== null) return false;
  return isOwnUrl(senderFrame.url);
}
