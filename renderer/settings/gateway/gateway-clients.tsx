import type { GatewayClient, GatewayStatus } from '../../../shared/contract.ts';
import { countOf, programName } from '../../gateway/gateway-words.ts';
import { formatAgo, formatDuration } from '../../store/format.ts';
import { useNow } from '../../store/use-now.ts';

const TICK_MS = 10_000;

export function GatewayClients({ status: { clients, clientCount } }: { readonly status: GatewayStatus }) {
  if (clientCount === 0) return <p className="settings-lead">Nobody is connected.</p>;
  const hidden = clientCount - clients.length;
  return (
    <div className="gateway-who">
      <h3>Connected: {clientCount.toLocaleString('en')}</h3>
      <ul className="gateway-clients" aria-label="Connected clients">
        {clients.map((client) => (
          <Client key={client.id} client={client} />
        ))}
      </ul>
      {hidden > 0 && <p className="field-hint">and {hidden.toLocaleString('en')} more</p>}
    </div>
  );
}

function Client({ client }: { readonly client: GatewayClient }) {
  const now = useNow(TICK_MS);
  const { address, program, clientId, since, prompts, connected } = client;
  return (
    <li className="gateway-client">
      <p>
        <span className="gateway-client-name" title={program}>
          {programName(program)}
        </span>{' '}
        <span className="gateway-client-more">
          at <span className="mono">{address}</span>
          {clientId !== null && ` · client id ${clientId}`}
        </span>
      </p>
      <p className="gateway-client-more">
        {prompts === 0 ? 'no prompts' : countOf(prompts, 'prompt')} ·{' '}
        {connected ? `connected for ${formatDuration(now - since)}` : `first one ${formatAgo(since, now)}`}
      </p>
    </li>
  );
}
