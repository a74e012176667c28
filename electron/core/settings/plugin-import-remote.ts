import { parseAddress, placeName } from '../../../shared/address.ts';
import type { RemoteWorkerSettings } from '../../../shared/remote.ts';
import type { WorkerSettings } from '../../../shared/settings.ts';
import type { PluginWorker } from './plugin-config.ts';

/** The plugin's workers on other machines. It takes https for cloud workers, for Runpod's proxy and on port 443. */

export type RemoteImport =
  | {
      readonly worker: RemoteWorkerSettings;
      readonly before: RemoteWorkerSettings | null;
      /** null when it is so already. */
      readonly change: string | null;
    }
  | { readonly skipped: string };

const HTTPS_PORT = 443;

export function importRemote(
  plugin: PluginWorker,
  name: string,
  id: string,
  workers: readonly WorkerSettings[],
): RemoteImport {
  if (!plugin.host) return { skipped: `“${name}” names no host and is left out.` };
  const read = parseAddress(plugin.host);
  if (!read.ok) return { skipped: `“${name}” is left out: ${read.problem}` };
  const { address } = read;
  const written = /:\d+(?:\/|$)/.test(plugin.host) || address.type === 'cloud';
  const port = written ? address.port : (plugin.port ?? plugin.listen_port ?? address.port);
  const secure = address.secure || plugin.type === 'cloud' || port === HTTPS_PORT;
  const before = workers.find(
    (other): other is RemoteWorkerSettings =>
      other.type !== 'local' && other.host === address.host && other.port === port,
  );
  const worker: RemoteWorkerSettings = {
    ...{ certificate: null, source: null, path: address.path },
    ...before,
    id: before?.id ?? id,
    type: secure ? 'cloud' : 'remote',
    name,
    ...{ host: address.host, port, secure },
    selected: plugin.enabled ?? false,
  };
  return { worker, before: before ?? null, change: changeOf(before ?? null, worker) };
}

function changeOf(before: RemoteWorkerSettings | null, after: RemoteWorkerSettings): string | null {
  const facts = (worker: RemoteWorkerSettings): string =>
    [
      `“${worker.name}”`,
      `at ${placeName(worker)}`,
      ...(worker.secure ? ['over https'] : []),
      worker.selected ? 'selected' : 'not selected',
    ].join(', ');
  if (before === null) return `Adds the ${after.type} worker ${facts(after)}.`;
  return facts(before) === facts(after) ? null : `Changes “${before.name}” to ${facts(after)}.`;
}
