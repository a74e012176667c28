import { useEffect, useState } from 'react';
import type { SystemInfo } from '../../shared/contract.ts';
import { useClient } from './services.ts';

/** What this control center is; null until it answered. Asked again on every connection: it may be another one. */
export function useSystemInfo(): SystemInfo | null {
  const client = useClient();
  const [info, setInfo] = useState<SystemInfo | null>(null);
  useEffect(
    () =>
      client.onConnection((connected) => {
        if (connected) client.invoke('system.info', {}).then(setInfo, () => undefined);
      }),
    [client],
  );
  return info;
}
