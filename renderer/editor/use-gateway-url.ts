import { useEffect, useState } from 'react';
import { useClient, useFleet } from '../store/services.ts';

const ASK_AGAIN_MS = 2_000;

/** The fleet's ComfyUI address; null when there is none, undefined until it is known. */
export function useGatewayUrl(): string | null | undefined {
  const client = useClient();
  const [url, setUrl] = useState<string | null | undefined>(undefined);
  // Another fleet, or the same one after a restart, may have another address.
  const life = useFleet(({ fleet, connected }) => `${connected} ${fleet?.epoch} ${fleet?.setup.status}`);
  const isServing = useFleet(({ fleet }) => fleet?.instances.some(({ link }) => link.status === 'up'));
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again whenever the answer may have changed.
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isCurrent = true;
    const ask = async (): Promise<void> => {
      const answer = await client.invoke('system.info', {}).catch(() => null);
      if (!isCurrent) return;
      setUrl((known) => (answer === null ? (known ?? null) : answer.gatewayUrl));
      // It may begin to listen at any moment, and nothing tells of that.
      if (answer?.gatewayUrl === null) timer = setTimeout(() => void ask(), ASK_AGAIN_MS);
    };
    void ask();
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [client, life, isServing]);
  return url;
}
