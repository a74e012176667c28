import { ExternalLink, Globe, Radio } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { useServices } from '../store/services.ts';
import './gateway.css';
import { addressFrom, countOf, publicAddressOf, reachOf } from './gateway-words.ts';
import { openGateway } from './open-gateway.ts';
import { useGateway } from './use-gateway.ts';

/** Above the cards: the one address behind which all of them are. */
export function GatewayStrip() {
  const services = useServices();
  const status = useGateway();
  const address = status === null ? null : addressFrom(status, window.location.hostname);
  if (status === null || address === null) return null;
  const { clientCount } = status;
  const tunnel = publicAddressOf(status);
  return (
    <section className="gateway-strip" aria-label="ComfyUI address">
      <Radio size={16} strokeWidth={1.8} aria-hidden="true" />
      <p>
        <span className="gateway-strip-title">ComfyUI address</span> <code className="mono">{address}</code>
      </p>
      <CopyButton label="Copy" text={() => address} />
      <Button size="s" icon={ExternalLink} onClick={() => void openGateway(services, status)}>
        Open
      </Button>
      {tunnel !== null && (
        <>
          <Globe size={16} strokeWidth={1.8} aria-hidden="true" />
          <code className="mono">{tunnel}</code>
          <CopyButton label="Copy public address" text={() => tunnel} />
        </>
      )}
      <p className="gateway-strip-who">
        {reachOf(status)}
        {clientCount > 0 && ` · ${countOf(clientCount, 'client')}`}
      </p>
    </section>
  );
}
