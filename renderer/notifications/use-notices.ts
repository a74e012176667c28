import { useEffect, useState } from 'react';
import type { Notice } from '../../shared/model.ts';
import { type Services, useServices } from '../store/services.ts';
import { markSeen, NO_NOTICES, type Notices, receiveList, receiveNotice } from './notices.ts';

export interface NoticesHandle {
  readonly notices: Notices;
  readonly markSeen: () => void;
  readonly clear: () => Promise<void>;
}

/** Subscribes first, then lists, on every connection. A live notice also becomes a toast, unless it is mere information. */
export function useNotices(): NoticesHandle {
  const services = useServices();
  const [notices, setNotices] = useState<Notices>(NO_NOTICES);
  useEffect(() => {
    const offNotice = services.client.subscribe('notice', (notice) => {
      setNotices((state) => receiveNotice(state, notice));
      if (notice.level !== 'info' && !services.ui.getState().notifications) showAsToast(services, notice);
    });
    const offConnection = services.client.onConnection((connected) => {
      if (!connected) return;
      services.client.invoke('notices.list', {}).then(
        (list) => setNotices((state) => receiveList(state, list)),
        () => undefined,
      );
    });
    return () => {
      offNotice();
      offConnection();
    };
  }, [services]);
  return {
    notices,
    markSeen: () => setNotices(markSeen),
    async clear() {
      try {
        await services.client.invoke('notices.clear', {});
        setNotices((state) => receiveList(state, []));
      } catch (error) {
        services.toasts.getState().showError(error);
      }
    },
  };
}

function showAsToast(services: Services, notice: Notice): void {
  const { level, title, detail, instanceId } = notice;
  const action =
    instanceId !== null && (level === 'error' || level === 'warning')
      ? { label: 'Show log', run: () => services.ui.getState().showLogs(instanceId) }
      : undefined;
  services.toasts.getState().show({ level, title, detail, ...(action === undefined ? {} : { action }) });
}
