import { Eye, EyeOff, KeyRound } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { useClient } from '../../store/services.ts';
import { Problem } from '../problem.tsx';
import { useAttempt } from '../use-attempt.ts';

const HIDDEN = '•'.repeat(16);

/** @param address how another machine reaches the gateway; null where it cannot */
export function GatewayToken({ address }: { readonly address: string | null }) {
  const client = useClient();
  const [token, setToken] = useState<string | null>(null);
  const [shown, setShown] = useState(false);
  const [asking, setAsking] = useState(false);
  const { busy, refusal, attempt } = useAttempt();
  useEffect(() => {
    client.invoke('gateway.token', {}).then(
      (reply) => setToken(reply.token),
      () => undefined,
    );
  }, [client]);
  const renew = (): Promise<void> =>
    attempt(async () => setToken((await client.invoke('gateway.renewToken', {})).token));
  return (
    <div>
      <h3>Token</h3>
      <div className="gateway-line gateway-token">
        <code className="mono">{shown && token !== null ? token : HIDDEN}</code>
        <Button
          size="s"
          icon={shown ? EyeOff : Eye}
          disabled={token === null}
          onClick={() => setShown(!shown)}
        >
          {shown ? 'Hide' : 'Show'}
        </Button>
        <CopyButton label="Copy token" text={() => token ?? ''} disabled={token === null} />
        {address !== null && (
          <CopyButton
            label="Copy link"
            text={() => `${address}/?token=${token ?? ''}`}
            disabled={token === null}
          />
        )}
        <Button size="s" icon={KeyRound} busy={busy} onClick={() => setAsking(true)}>
          Make a new one…
        </Button>
      </div>
      <p className="field-hint">
        Programs send it as <code className="mono">Authorization: Bearer</code>; the link signs a browser in.
      </p>
      <Problem refusal={refusal} />
      {asking && (
        <ConfirmDialog
          title="Make a new token?"
          consequence="Whoever is connected with the old one is cut off and needs the new one. Their prompts go on."
          confirmLabel="Make a new token"
          onConfirm={() => void renew()}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
