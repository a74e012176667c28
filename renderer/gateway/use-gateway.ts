import { useEffect, useState } from 'react';
import type { GatewayStatus } from '../../shared/contract.ts';
import { useClient } from '../store/services.ts';

/** How the ComfyUI address is; null until it is known. */
export function useGateway(): GatewayStatus | null {
  const client = useClient();
  const [status, setStatus] = useState<GatewayStatus | null>(null);
  useEffect(() => {
    const unsubscribe = client.subscribe('gateway', setStatus);
    const stopFollowing = client.onConnection((connected) => {
      if (connected) client.invoke('gateway.status', {}).then(setStatus, () => undefined);
    });
    return () => {
      unsubscribe();
      stopFollowing();
    };
  }, [client]);
  return status;
}
