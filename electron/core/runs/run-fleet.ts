import type { InstanceId, InstanceSnapshot } from '../../../shared/model.ts';
import type { ComfyHttp } from '../comfy/http.ts';
import type { InstanceMonitor } from '../comfy/monitor.ts';

/** What runs need of the fleet; the tests have one of their own over bare servers. */

export interface RunServer {
  readonly id: InstanceId;
  readonly name: string;
  readonly role: 'master' | 'worker';
  readonly http: ComfyHttp;
  /** Another one after each restart of the server. */
  readonly monitor: InstanceMonitor;
  /** It reads the very folder that `RunFolders.input` is. */
  readonly sharesInput: boolean;
  readonly sharesOutput: boolean;
  readonly pathSeparator: '/' | '\\';
  /** Paid by the hour or picture. */
  readonly paid: boolean;
}

export interface RunFolders {
  /** Of the master: what workflows load. */
  readonly input: string;
  /** Of the master: where results go. */
  readonly output: string;
  readonly temp: string;
  /** Results of preview nodes. */
  readonly previews: string;
}

export interface RunFleet {
  /** Master first. */
  instances(): readonly InstanceSnapshot[];
  /** null when there is no such instance. */
  server(id: InstanceId): RunServer | null;
  folders(): RunFolders;
  onChange(listener: () => void): () => void;
  /** Pictures per minute that an instance just reached. */
  tellRate(id: InstanceId, perMinute: number): void;
}
