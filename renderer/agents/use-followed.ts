import { useEffect, useState } from 'react';
import type { AgentStatus } from '../../shared/agents.ts';
import type { DiscoveryState } from '../../shared/discovery.ts';
import { useClient } from '../store/services.ts';

/** The paired machines; null until they are known. */
export function useAgents(): readonly AgentStatus[] | null {
  const client = useClient();
  const [agents, setAgents] = useState<readonly AgentStatus[] | null>(null);
  useEffect(() => {
    const unsubscribe = client.subscribe('agents', setAgents);
    const stopFollowing = client.onConnection((connected) => {
      if (connected) client.invoke('agents.list', {}).then(setAgents, () => undefined);
    });
    return () => {
      unsubscribe();
      stopFollowing();
    };
  }, [client]);
  return agents;
}

/** Who is found in the network; null until it is known. */
export function useDiscovery(): DiscoveryState | null {
  const client = useClient();
  const [state, setState] = useState<DiscoveryState | null>(null);
  useEffect(() => {
    const unsubscribe = client.subscribe('discovery', setState);
    const stopFollowing = client.onConnection((connected) => {
      if (connected) client.invoke('discovery.list', {}).then(setState, () => undefined);
    });
    return () => {
      unsubscribe();
      stopFollowing();
    };
  }, [client]);
  return state;
}
