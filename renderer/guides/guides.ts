import type { GuideId } from '../store/ui-store.ts';
import { cloudGuide, workerTunnelGuide } from './cloud-guides.ts';
import { gatewayTunnelGuide } from './gateway-guide.ts';
import type { Guide, GuideFacts, GuideValues } from './guide.ts';
import { runpodGuide } from './runpod-guide.ts';
import { localGuide, remoteGuide } from './worker-guides.ts';

type MakeGuide = (facts: GuideFacts, values: GuideValues) => Guide;

/** Every guide, in the order in which they are listed. */
const GUIDES: Readonly<Record<GuideId, MakeGuide>> = {
  local: localGuide,
  remote: remoteGuide,
  runpod: runpodGuide,
  cloud: cloudGuide,
  'worker-tunnel': workerTunnelGuide,
  'gateway-tunnel': gatewayTunnelGuide,
};

export function guidesFor(facts: GuideFacts, values: GuideValues): readonly Guide[] {
  return Object.values(GUIDES).map((make) => make(facts, values));
}

/** What is known already, else what shows the form of it. */
export function valuesFrom({ instances, setup }: GuideFacts, tunnelHost: string | null): GuideValues {
  const elsewhere = instances.find(({ type }) => type === 'remote');
  const pods = instances.flatMap(({ host }) => /^(.+)-\d+\.proxy\.runpod\.net$/i.exec(host)?.[1] ?? []);
  return {
    host: elsewhere?.host ?? 'gpu.lan',
    port: String(elsewhere?.port ?? 8188),
    folder: setup.status === 'configured' ? setup.install.root : '/opt/ComfyUI',
    pod: pods[0] ?? 'POD_ID',
    name: tunnelHost ?? 'comfy.example.com',
  };
}
