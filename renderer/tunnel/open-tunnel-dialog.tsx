import { useEffect, useState } from 'react';
import { PUBLIC_NAME, type TunnelKind, type TunnelStart, type TunnelStatus } from '../../shared/tunnel.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Segmented } from '../components/segmented.tsx';
import { TextField } from '../components/text-field.tsx';
import { Problem } from '../settings/problem.tsx';
import { useAttempt } from '../settings/use-attempt.ts';
import { useClient } from '../store/services.ts';
import './tunnel.css';
import { useTunnel } from './use-tunnel.ts';

const KINDS = [
  { value: 'quick', label: 'Quick' },
  { value: 'named', label: 'Named' },
] as const;

/** Says plainly what becomes public before anything does. */
export function OpenTunnelDialog({ onClose }: { readonly onClose: () => void }) {
  const client = useClient();
  const form = useTunnelForm();
  const { kind, setKind, status } = form;
  const { busy, refusal, attempt } = useAttempt();
  const start = (): Promise<void> =>
    attempt(async () => {
      await client.invoke('tunnel.start', form.order);
      onClose();
    });
  return (
    <Dialog
      title="Put the ComfyUI address on the internet?"
      description={<Consequence status={status} />}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={!form.isWhole} onClick={() => void start()}>
            Open the tunnel
          </Button>
        </>
      }
    >
      <div className="tunnel-form">
        <Segmented label="Kind of tunnel" value={kind} options={KINDS} onChange={setKind} />
        {kind === 'quick' ? <AboutQuick /> : <NamedFields {...form} />}
        <Problem refusal={refusal} />
      </div>
    </Dialog>
  );
}

interface TunnelForm {
  readonly status: TunnelStatus | null;
  readonly kind: TunnelKind;
  readonly setKind: (kind: TunnelKind) => void;
  readonly host: string;
  readonly setHost: (host: string) => void;
  /** What is wrong with the name; null when it will do. */
  readonly problem: string | null;
  readonly token: string;
  readonly setToken: (token: string) => void;
  readonly order: TunnelStart;
  readonly isWhole: boolean;
}

function useTunnelForm(): TunnelForm {
  const status = useTunnel();
  const keptHost = useKeptHost();
  const [kind, setKind] = useState<TunnelKind>('quick');
  const [typedHost, setHost] = useState<string | null>(null);
  const [token, setToken] = useState('');
  const host = typedHost ?? keptHost;
  const problem = host === '' || PUBLIC_NAME.test(host) ? null : NAME_PROBLEM;
  const hasToken = token.trim() !== '' || (status?.hasToken ?? false);
  const isWhole = kind === 'quick' || (host !== '' && problem === null && hasToken);
  const order = orderOf(kind, host, token);
  return { status, kind, setKind, host, setHost, problem, token, setToken, order, isWhole };
}

function AboutQuick() {
  return (
    <p className="field-hint">
      Without an account, under a name of Cloudflare’s choice that changes with every start. Good for an
      evening; nobody promises that it stays up.
    </p>
  );
}

const NAME_PROBLEM = 'Enter a name like comfy.example.com, without https:// and without a port.';

function orderOf(kind: TunnelKind, host: string, token: string): TunnelStart {
  if (kind === 'quick') return { kind };
  return { kind, host: host.trim(), token: token.trim() === '' ? null : token.trim() };
}

function Consequence({ status }: { readonly status: TunnelStatus | null }) {
  return (
    <>
      {status?.target ?? 'The ComfyUI address'} becomes reachable for the whole world, through Cloudflare.
      Whoever has its token can queue workflows, upload files and see every picture; whoever has not gets
      nothing. This page stays on this machine.
    </>
  );
}

function NamedFields({ status, host, setHost, problem, token, setToken }: TunnelForm) {
  const hasToken = status?.hasToken ?? false;
  return (
    <>
      <p className="field-hint">
        Your own name, from the Cloudflare dashboard (Networks, Tunnels). Its public host name must lead there
        to <code className="mono">{status?.target ?? 'the ComfyUI address'}</code>, type HTTP.
      </p>
      <TextField
        label="Public name"
        placeholder="comfy.example.com"
        code
        value={host}
        problem={problem}
        onChange={setHost}
      />
      <TextField
        label="Tunnel token"
        type="password"
        hint={
          hasToken
            ? 'One is kept. Enter another only to replace it.'
            : 'From “Install connector”. It is kept with your other secrets and never shown again.'
        }
        placeholder={hasToken ? '••••••••' : 'eyJhIjoi…'}
        code
        value={token}
        onChange={setToken}
      />
    </>
  );
}

/** The name that was used last; empty when there is none. */
function useKeptHost(): string {
  const client = useClient();
  const [host, setHost] = useState('');
  useEffect(() => {
    client.invoke('settings.get', {}).then(
      ({ tunnelHost }) => setHost(tunnelHost ?? ''),
      () => undefined,
    );
  }, [client]);
  return host;
}
