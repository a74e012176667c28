import { useEffect, useState } from 'react';
import { Checkbox } from '../components/checkbox.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { useClient } from '../store/services.ts';
import { QrCode } from './qr-code.tsx';
import { linkWith } from './tunnel-words.ts';

/** The address in the world, to copy and to scan. */
export function PublicAddress({ url }: { readonly url: string }) {
  const [signsIn, setSignsIn] = useState(false);
  const token = useToken();
  const text = signsIn && token !== null ? linkWith(url, token) : url;
  return (
    <div className="tunnel-address">
      <QrCode text={text} label={signsIn ? 'QR code of the sign-in link' : `QR code of ${url}`} />
      <div className="tunnel-address-words">
        <code className="mono">{url}</code>
        <div className="tunnel-actions">
          <CopyButton label="Copy address" text={() => url} />
          <CopyButton
            label="Copy sign-in link"
            disabled={token === null}
            text={() => (token === null ? url : linkWith(url, token))}
          />
        </div>
        <Checkbox
          label="The code signs in"
          checked={signsIn}
          disabled={token === null}
          onChange={setSignsIn}
        />
        <p className="field-hint">
          {signsIn
            ? 'It holds the token: whoever scans or films it is in.'
            : 'It holds the address alone; the page behind it asks for the token.'}
        </p>
      </div>
    </div>
  );
}

/** null until it is known. */
function useToken(): string | null {
  const client = useClient();
  const [token, setToken] = useState<string | null>(null);
  useEffect(() => {
    client.invoke('gateway.token', {}).then(
      (reply) => setToken(reply.token),
      () => undefined,
    );
  }, [client]);
  return token;
}
