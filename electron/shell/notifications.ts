import { Notification } from 'electron';
import type { EventSource } from '../../shared/contract.ts';
import { appImage } from './icons.ts';
import { PictureWatch, RunWatch, type Telling, tellingOfNotice } from './worth-telling.ts';

export interface NotificationOptions {
  readonly events: EventSource;
  /** The setting is on and nobody looks at the window. */
  readonly wanted: () => boolean;
  readonly onClick: () => void;
}

/** Kept until they are closed: a collected one loses its click. */
const shown = new Set<Notification>();

export function showNotification({ title, body }: Telling, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title, body, icon: appImage() });
  shown.add(notification);
  notification.on('click', onClick);
  notification.on('close', () => shown.delete(notification));
  notification.show();
}

/** Native notifications for finished runs and test pictures, and for failures. @returns ends it */
export function startNotifications({ events, wanted, onClick }: NotificationOptions): () => void {
  const pictures = new PictureWatch();
  const runs = new RunWatch();
  const tell = (telling: Telling): void => {
    if (wanted()) showNotification(telling, onClick);
  };
  const stops = [
    events.on('notice', (notice) => {
      const telling = tellingOfNotice(notice);
      if (telling !== null) tell(telling);
    }),
    events.on('fleet', (patch) => pictures.apply(patch).forEach(tell)),
    events.on('runs', (change) => runs.apply(change.runs).forEach(tell)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
