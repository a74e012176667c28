import { EnsembleError } from '../../shared/errors.ts';
import type { TunnelOrder } from './orders.ts';

const ACTIONS = ['start', 'stop', 'status', 'download'] as const;

export interface TunnelValues {
  readonly host?: string | undefined;
  readonly yes: boolean;
  readonly json: boolean;
}

/** @throws EnsembleError('bad-argument') */
export function tunnelOrder(word: string, { host, yes, json }: TunnelValues): TunnelOrder {
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined) {
    throw EnsembleError.badArgument(
      'arguments',
      `“tunnel” does not know “${word}”.`,
      `Use: ensemble tunnel ${ACTIONS.join(', or ensemble tunnel ')}`,
    );
  }
  const foreign = yes ? '--yes' : '--host';
  if (action !== 'start' && (yes || host !== undefined)) {
    const message = `“tunnel ${action}” takes no option ${foreign}.`;
    throw EnsembleError.badArgument(foreign, message, 'See: ensemble --help');
  }
  return { action, host: host ?? null, yes, json };
}
