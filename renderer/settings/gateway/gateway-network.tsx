import { useState } from 'react';
import type { GatewayStatus } from '../../../shared/contract.ts';
import type { Settings } from '../../../shared/settings.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Toggle } from '../../components/toggle.tsx';
import type { SaveGateway } from './gateway-section.tsx';
import { GatewayToken } from './gateway-token.tsx';

export interface GatewayNetworkProps {
  readonly settings: Settings;
  readonly status: GatewayStatus;
  readonly save: SaveGateway;
}

export function GatewayNetwork({ settings, status, save }: GatewayNetworkProps) {
  const [asking, setAsking] = useState(false);
  const { fixedHost, open, addresses } = status;
  const isOn = fixedHost === null ? settings.gatewayOpen : open;
  const needsToken = isOn || settings.gatewayNames.length > 0 || addresses.length > 0;
  return (
    <>
      <Toggle
        label="Open to the network"
        description={
          fixedHost === null
            ? 'Other machines reach the address with a token. This machine needs none.'
            : `Where it listens was set with --gateway-host ${fixedHost} when Comfy Ensemble was started.`
        }
        checked={isOn}
        disabled={fixedHost !== null}
        onChange={(wanted) => (wanted ? setAsking(true) : save({ gatewayOpen: false }))}
      />
      {needsToken && (
        <div className="gateway-network">
          {addresses.length > 0 && <Addresses addresses={addresses} />}
          <GatewayToken address={addresses[0] ?? null} />
        </div>
      )}
      {asking && (
        <ConfirmDialog
          title="Open the ComfyUI address to your network?"
          consequence="Whoever has the token can queue workflows, upload files and see every picture. The connection is not encrypted: do this only in a network that you trust. Who is connected now has to come back."
          confirmLabel="Open it"
          onConfirm={() => save({ gatewayOpen: true })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function Addresses({ addresses }: { readonly addresses: readonly string[] }) {
  return (
    <div>
      <h3>From other machines</h3>
      <ul>
        {addresses.map((address) => (
          <li key={address} className="gateway-line">
            <code className="mono">{address}</code>
            <CopyButton label="Copy" text={() => address} />
          </li>
        ))}
      </ul>
    </div>
  );
}
