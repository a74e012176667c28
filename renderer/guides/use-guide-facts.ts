import { useGateway } from '../gateway/use-gateway.ts';
import { useFleet } from '../store/services.ts';
import { useTunnel } from '../tunnel/use-tunnel.ts';
import type { GuideFacts } from './guide.ts';

/** null until the fleet is known. */
export function useGuideFacts(): GuideFacts | null {
  const fleet = useFleet((state) => state.fleet);
  const gateway = useGateway();
  const tunnel = useTunnel();
  if (fleet === null) return null;
  const { setup, gpus, instances } = fleet;
  return { setup, gpus: gpus.length, instances, gateway, tunnel };
}
