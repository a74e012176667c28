import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import {
  costOf,
  dollars,
  isOpen,
  type Lease,
  type Offer,
  type Orphan,
  type ProvidersState,
  timeLeft,
} from '../../../shared/providers.ts';
import type { ProviderAction, RentRequest } from '../provider-arguments.ts';
import { duration } from '../runs/progress-lines.ts';
import { type Terminal, table } from '../terminal.ts';

const LEASES = ['LEASE', 'STATE', 'WHAT', 'PROVIDER', 'PRICE', 'SPENT', 'LEFT', 'WHY'];
const OFFERS = ['PROVIDER', 'OFFER', 'NAME', 'VRAM', 'PRICE', 'STOCK', 'ENDS ITSELF'];
const TONES: Readonly<Record<Lease['state']['status'], Tone>> = {
  pending: 'busy',
  ready: 'ok',
  draining: 'warning',
  released: 'neutral',
  lost: 'error',
  failed: 'error',
};
/** Finished leases that the list shows. */
const FINISHED = 5;

export async function aboutProviders(
  client: ControlClient,
  terminal: Terminal,
  order: ProviderAction & { readonly json: boolean },
): Promise<void> {
  const print = (value: unknown, lines: readonly string[]): void => {
    for (const line of order.json ? [JSON.stringify(value)] : lines) terminal.print(line);
  };
  switch (order.action) {
    case 'list': {
      const state = await client.invoke('providers.state', {});
      return print(state, stateLines(state, terminal));
    }
    case 'reconcile': {
      const state = await client.invoke('providers.reconcile', {});
      return print(state, stateLines(state, terminal));
    }
    case 'test': {
      const result = await client.invoke('providers.test', { id: order.provider });
      return print(result, [result.message]);
    }
    case 'offers': {
      const result = await client.invoke('providers.offers', { id: order.provider, vramGb: order.vramGb });
      for (const problem of result.problems) terminal.printError(printable(problem));
      return print(result, offerLines(result.offers, terminal));
    }
    case 'rent': {
      const { offer, lease } = await rent(client, order);
      const said = `Rented ${printable(offer.name)} as ${lease}, at ${dollars(offer.pricePerHour)} per hour.`;
      return print({ lease, pricePerHour: offer.pricePerHour }, [said, 'See: ensemble providers list']);
    }
    case 'release':
      await release(client, order.lease, order.now);
      return print({ released: order.lease }, [`${order.lease} is being given back.`]);
  }
}

/** Without --yes nothing is rented: the price is named, and that is all. */
async function rent(
  client: ControlClient,
  request: RentRequest,
): Promise<{ readonly offer: Offer; readonly lease: string }> {
  const { provider, ttlMinutes, idleMinutes, yes, maxPrice } = request;
  const { offers, problems } = await client.invoke('providers.offers', { id: provider, vramGb: 0 });
  const offer = offers.find(({ id, name }) => id === request.offer || name === request.offer);
  if (offer === undefined) {
    throw new EnsembleError(
      'not-found',
      problems[0] ?? `${provider} does not offer “${request.offer}”.`,
      `See: ensemble providers offers ${provider}`,
    );
  }
  const { pricePerHour } = offer;
  const most = dollars(costOf(pricePerHour, ttlMinutes * 60_000));
  const price = `${offer.name} costs ${dollars(pricePerHour)} per hour, at most ${most} until it is given back`;
  if (maxPrice !== null && pricePerHour > maxPrice) {
    throw new EnsembleError('conflict', `${price}; that is more than ${dollars(maxPrice)} per hour.`);
  }
  if (!yes) {
    const warnings = offer.warnings.map((warning) => ` ${warning}`).join('');
    throw new EnsembleError('bad-argument', `${price}.${warnings}`, 'Add --yes to rent it.');
  }
  const order = { provider, offer: offer.id, pricePerHour, ttlMinutes, idleMinutes };
  return { offer, ...(await client.invoke('providers.rent', order)) };
}

/** @param target a lease, or an orphan that the list names */
async function release(client: ControlClient, target: string, now: boolean): Promise<void> {
  const { orphans } = await client.invoke('providers.state', {});
  const orphan = orphans.find(({ key }) => key === target);
  if (orphan === undefined) await client.invoke('providers.release', { lease: target, now });
  else await client.invoke('providers.releaseOrphan', { provider: orphan.provider, key: orphan.key });
}

function stateLines(state: ProvidersState, terminal: Terminal): readonly string[] {
  const { providers, leases, orphans, caps, spending } = state;
  if (providers.length === 0) return ['No provider is set up: do that in Settings, “Providers”.'];
  const cap = (amount: number | null): string => (amount === null ? '' : ` of ${dollars(amount)}`);
  const open = leases.filter(isOpen);
  const shown = [...open, ...leases.filter((lease) => !isOpen(lease)).slice(0, FINISHED)];
  return [
    ...providers.map(({ settings: { id, kind, name }, trouble }) => {
      const problem = trouble === null ? '' : `: ${printable(trouble)}`;
      return `${id}  ${printable(name)} (${kind})${problem}`;
    }),
    '',
    `Spent: ${dollars(spending.rate)}${cap(caps.perHour)} per hour now, ${dollars(spending.day)}${cap(caps.perDay)} in 24 hours, ${dollars(spending.total)}${cap(caps.total)} in total`,
    '',
    ...(shown.length === 0 ? ['Nothing is rented.'] : table(terminal, LEASES, shown.map(rowOf))),
    ...orphans.flatMap(orphanLines),
  ];
}

function rowOf(lease: Lease) {
  const { id, state, offerName, providerName, pricePerHour, billedMs } = lease;
  const why = 'because' in state ? state.because : 'note' in state ? (state.note ?? '') : state.url;
  const trouble = state.status === 'draining' && state.trouble !== null ? ` (${state.trouble})` : '';
  return [
    { text: id },
    { text: state.status, tone: TONES[state.status] },
    { text: printable(offerName) },
    { text: printable(providerName) },
    { text: `${dollars(pricePerHour)}/h` },
    { text: dollars(costOf(pricePerHour, billedMs)) },
    { text: isOpen(lease) ? duration(timeLeft(lease)) : '–' },
    { text: printable(`${why}${trouble}`) || '–' },
  ];
}

function orphanLines({ key, provider, reference, pricePerHour }: Orphan): readonly string[] {
  const price = pricePerHour === null ? '' : `, ${dollars(pricePerHour)} per hour`;
  return [
    '',
    `Nobody uses ${printable(reference)} at ${provider}${price}. It costs until: ensemble providers release ${key}`,
  ];
}

function offerLines(offers: readonly Offer[], terminal: Terminal): readonly string[] {
  if (offers.length === 0) return ['Nothing is offered.'];
  const rows = offers.map(({ provider, id, name, vramGb, pricePerHour, stock, leash }) => [
    { text: provider },
    { text: printable(id) },
    { text: printable(name) },
    { text: vramGb === null ? '–' : `${vramGb} GB` },
    { text: `${dollars(pricePerHour)}/h` },
    { text: stock },
    { text: leash === 'itself' ? 'yes' : 'no' },
  ]);
  return table(terminal, OFFERS, rows);
}

/** What strangers say must not steer a terminal. */
function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, '?').slice(0, 200);
}
