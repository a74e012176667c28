import { request } from 'undici';
import { canonicalHost, isLoopback, parseAddress } from '../../../shared/address.ts';
import type { PluginPlace, ScannedPort } from '../../../shared/discovery.ts';
import { EnsembleError, toEnvelope } from '../../../shared/errors.ts';
import { ComfyHttp } from '../comfy/http.ts';
import { serverInfo } from '../comfy/server-info.ts';
import { Semaphore } from '../media/semaphore.ts';
import type { Clock } from '../ports.ts';
import { readPluginConfig } from '../settings/plugin-config.ts';
import { importRemote } from '../settings/plugin-import-remote.ts';
import { portsAsked } from './ports-asked.ts';

/** A ComfyUI that is busy takes a second or two. */
const PORT_MS = 4_000;
const AT_ONCE = 8;
const MOST_CONFIG_BYTES = 1_048_576;

export interface ScanDeps {
  readonly clock: Clock;
  readonly isKnown: (place: { readonly host: string; readonly port: number }) => boolean;
}

/**
 * The named ports of one machine, and nothing else.
 * @throws EnsembleError('bad-argument') when the host is none, or the ports are not to be read
 */
export async function scanPorts(
  host: string,
  ports: string,
  deps: ScanDeps,
): Promise<readonly ScannedPort[]> {
  const name = oneHost(host);
  const gate = new Semaphore(AT_ONCE);
  return Promise.all(portsAsked(ports).map((port) => gate.run(() => look(name, port, deps))));
}

async function look(host: string, port: number, { clock, isKnown }: ScanDeps): Promise<ScannedPort> {
  const nothing = { port, version: null, gpu: null, vramTotal: null, known: isKnown({ host, port }) };
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const stats = await new ComfyHttp(url, { clock, timeoutMs: PORT_MS }).systemStats();
    const { comfyuiVersion, deviceName, vramTotal } = serverInfo(stats);
    return {
      ...nothing,
      status: 'comfyui',
      version: comfyuiVersion,
      gpu: deviceName,
      vramTotal,
      reason: null,
    };
  } catch (error) {
    const { code, message } = toEnvelope(error);
    const closed = code === 'disconnected' || code === 'timeout';
    return { ...nothing, status: closed ? 'closed' : 'other', reason: message };
  }
}

/** @throws EnsembleError that says who or what is there instead of the plugin */
export async function pluginWorkers(
  host: string,
  port: number,
  { isKnown }: ScanDeps,
): Promise<readonly PluginPlace[]> {
  const name = oneHost(host);
  const text = await configOf(name, port);
  const { workers } = readPluginConfig(text);
  return workers.flatMap((worker, index) => {
    const title = worker.name || `Worker ${index + 1}`;
    // What the plugin calls its own machine is that machine, not ours.
    const theirs = parseAddress(worker.host ?? '');
    const own = !worker.host || (theirs.ok && isLoopback(theirs.address.host));
    const read = importRemote({ ...worker, host: own ? name : worker.host }, title, 'new', []);
    if ('skipped' in read) return [];
    const { host: at, port: its, secure, path } = read.worker;
    return [{ name: title, host: at, port: its, secure, path, known: isKnown({ host: at, port: its }) }];
  });
}

async function configOf(host: string, port: number): Promise<string> {
  const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const reply = await request(`http://${place}/distributed/config`, {
      signal: AbortSignal.timeout(PORT_MS),
    });
    if (Number(reply.headers['content-length'] ?? 0) > MOST_CONFIG_BYTES)
      throw new Error('its answer is too long');
    if (reply.statusCode === 200) return await reply.body.text();
    await reply.body.dump();
    throw new Error(`it answers with status ${reply.statusCode}`);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EnsembleError(
      'unavailable',
      `No ComfyUI with the Distributed plugin answers at ${place} (${reason}).`,
      'Enter the address of the plugin’s master, e.g. 192.168.1.20 and 8188.',
      [],
      { cause },
    );
  }
}

/** @throws EnsembleError('bad-argument') for what names a network, or nothing */
function oneHost(text: string): string {
  const host = canonicalHost(text.trim().replace(/^\[(.*)\]$/, '$1'));
  if (host !== null) return host;
  throw EnsembleError.badArgument(
    'host',
    `“${text.slice(0, 80)}” is not the name or the address of one machine.`,
    'Enter e.g. 192.168.1.20; networks are never scanned.',
  );
}
