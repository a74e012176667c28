import { useEffect, useState } from 'react';
import type { TunnelStatus } from '../../shared/tunnel.ts';
import { useClient } from '../store/services.ts';

/** How the tunnel is; null until it is known. */
export function useTunnel(): TunnelStatus | null {
  const client = useClient();
  const [status, setStatus] = useState<TunnelStatus | null>(null);
  useEffect(() => {
    const unsubscribe = client.subscribe('tunnel', setStatus);
    const stopFollowing = client.onConnection((connected) => {
      if (connected) client.invoke('tunnel.status', {}).then(setStatus, () => undefined);
    });
    return () => {
      unsubscribe();
      stopFollowing();
    };
  }, [client]);
  return status;
}
