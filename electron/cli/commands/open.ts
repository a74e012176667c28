import { EnsembleError } from '../../../shared/errors.ts';
import { openBrowser } from '../../open-browser.ts';
import type { HttpClient } from '../../transports/http-client.ts';
import type { Terminal } from '../terminal.ts';

export async function openPage(
  client: HttpClient,
  terminal: Terminal,
  order: { readonly json: boolean; readonly open: boolean },
): Promise<void> {
  const link = await client.post('/api/session-link', {});
  if (typeof link !== 'object' || link === null || !('url' in link) || typeof link.url !== 'string') {
    throw new EnsembleError('internal', 'The control center gave no link.');
  }
  terminal.print(order.json ? JSON.stringify({ url: link.url }) : link.url);
  if (order.open && !order.json) await openBrowser(link.url);
}
