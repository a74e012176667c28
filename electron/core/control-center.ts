import type { CommandHandlers, EventSource, SystemInfo } from '../../shared/contract.ts';
import type { FleetSnapshot, InstanceSnapshot } from '../../shared/model.ts';
import type { AgentSide } from './agent-side/agent-side.ts';
import type { Connect } from './agents/agent-connection.ts';
import { agentCommands } from './commands/agent-commands.ts';
import { editorCommands } from './commands/editor-commands.ts';
import { fleetCommands } from './commands/fleet-commands.ts';
import { gatewayCommands } from './commands/gateway-commands.ts';
import { modelCommands } from './commands/model-commands.ts';
import { providerCommands } from './commands/provider-commands.ts';
import { remoteCommands } from './commands/remote-commands.ts';
import { runCommands } from './commands/run-commands.ts';
import { setupCommands } from './commands/setup-commands.ts';
import { systemCommands } from './commands/system-commands.ts';
import { tunnelCommands } from './commands/tunnel-commands.ts';
import { createParts, type Parts } from './control-center-parts.ts';
import { createEventSource } from './event-source.ts';
import { createFileServer } from './file-server.ts';
import type { HostServices } from './host-services.ts';
import type { AgentOptions } from './machines.ts';
import { Thumbnails } from './media/thumbnails/thumbnails.ts';
import { UrlStore } from './models/url-store.ts';
import { type Logger, systemClock } from './ports.ts';
import type { Runtime } from './runtime.ts';
import type { ServeFile } from './served-file.ts';
import { DataDirectory } from './settings/data-directory.ts';
import type { SettingsStore } from './settings/store.ts';
import type { Simulation } from './simulation.ts';

export interface ControlCenterOptions {
  readonly dataDirectory: string;
  /** Simulated GPUs of a forced demo fleet; null = what the settings say. */
  readonly demo: number | null;
  /** Where the ComfyUI address listens whatever the settings say; null = as they say. */
  readonly gatewayHost: string | null;
  /** Others may use this machine's servers; null = nobody. */
  readonly agent: AgentOptions | null;
  readonly connectAgent: Connect;
  readonly version: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly runtime: Runtime;
  readonly host: HostServices;
  readonly simulation: Simulation;
  readonly logger: Logger;
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/** The one object that hosts talk to: commands in, events and files out. */
export class ControlCenter {
  readonly handlers: CommandHandlers;
  readonly events: EventSource;
  readonly serveFile: ServeFile;
  readonly #parts: Parts;
  #url = '';
  #token = '';

  /** @throws EnsembleError('conflict') when another control center has this data directory */
  static async open(options: ControlCenterOptions): Promise<ControlCenter> {
    const directory = await DataDirectory.acquire(options.dataDirectory);
    try {
      return new ControlCenter(await createParts(options, directory));
    } catch (error) {
      await directory.release();
      throw error;
    }
  }

  private constructor(parts: Parts) {
    this.#parts = parts;
    const { state, telemetry, notices, store, setup, pictures, options } = parts;
    const active = () => setup.active;
    this.handlers = {
      ...fleetCommands({ active, pictures }),
      ...remoteCommands({ active, tests: parts.remoteTests }),
      ...agentCommands(parts.machines),
      ...runCommands(() => setup.active.runs.service),
      ...modelCommands({ active, urls: new UrlStore(parts.directory.file('model-urls.json')) }),
      ...gatewayCommands({ setup, store, host: options.host, key: parts.gatewayKey }),
      ...tunnelCommands(parts.tunnel),
      ...providerCommands(parts.providers),
      ...setupCommands({ setup, store, gpus: () => (setup.isOpen ? setup.active.fleet.gpus : []) }),
      ...systemCommands({
        state,
        telemetry,
        notices,
        store,
        host: options.host,
        active,
        info: () => this.#info(),
        doctor: parts.doctor,
      }),
      ...editorCommands({ host: options.host, gatewayUrl: () => this.gatewayUrl }),
    };
    this.events = createEventSource(parts);
    const thumbnails = new Thumbnails({
      ...{ directory: parts.directory.file('thumbnails'), clock: systemClock, logger: options.logger },
    });
    this.serveFile = createFileServer({
      preview: (id) => (setup.isOpen ? (setup.active.fleet.find(id)?.monitor.latestPreview() ?? null) : null),
      picture: (id) => pictures.file(id),
      artifact: (id) => (setup.isOpen ? setup.active.runs.store.file(id) : null),
      thumbnail: (id, file, signal) => thumbnails.of(id, file, signal),
      log: (id) => (setup.isOpen ? (setup.active.fleet.find(id)?.log.file ?? null) : null),
    });
  }

  get access(): { readonly url: string; readonly token: string; readonly dataDirectory: string } {
    return { url: this.#url, token: this.#token, dataDirectory: this.#parts.options.dataDirectory };
  }

  /** The ComfyUI address of the whole fleet; null while there is none. */
  get gatewayUrl(): string | null {
    const { setup } = this.#parts;
    return setup.isOpen ? setup.active.gateway.gatewayUrl : null;
  }

  get whenGatewayIsKnown(): Promise<void> {
    return this.#parts.whenGatewayIsKnown;
  }

  /** null unless it was started as an agent of others. */
  get agentSide(): AgentSide | null {
    return this.#parts.machines.agentSide;
  }

  get settings(): SettingsStore {
    return this.#parts.store;
  }

  /** As they are now, without making a revision of it. */
  get instances(): readonly InstanceSnapshot[] {
    return this.#parts.state.instances;
  }

  snapshot(): FleetSnapshot {
    return this.#parts.state.snapshot();
  }

  /** Tells programs on this machine where we are (control.json, readable by this user alone). */
  async publish({ url, token }: { readonly url: string; readonly token: string }): Promise<void> {
    this.#url = url;
    this.#parts.machines.tellPage(url);
    this.#token = token;
    await this.#parts.directory.writeControlFile({ url, token, pid: process.pid });
  }

  async start(): Promise<void> {
    const { store, notices, hostMetrics, telemetry, setup, tunnel, machines, providers, options } =
      this.#parts;
    for (const problem of store.problems) notices.add('warning', 'The settings were mended', problem);
    hostMetrics.start();
    telemetry.start();
    const cleared = tunnel.open();
    void this.whenGatewayIsKnown.then(() => tunnel.startWithApp());
    machines.open();
    await setup.begin(options.demo);
    providers.start();
    await cleared;
  }

  /**
   * Afterwards another control center may take the directory.
   * @param endServers whether the servers end or go on; as the settings say, unless a person just chose otherwise
   */
  async close(endServers = this.#parts.store.value.stopOnQuit): Promise<void> {
    const { setup, telemetry, hostMetrics, directory, pictures, tunnel, machines, providers } = this.#parts;
    pictures.close();
    machines.close();
    await providers.close();
    await Promise.all([tunnel.close(), setup.close(endServers)]);
    telemetry.stop();
    hostMetrics.stop();
    await directory.release();
  }

  #info(): SystemInfo {
    const { options } = this.#parts;
    return {
      name: 'Comfy Ensemble',
      version: options.version,
      shell: options.host.shell,
      platform: options.platform,
      dataDirectory: options.dataDirectory,
      url: this.#url,
      gatewayUrl: this.gatewayUrl,
      pid: process.pid,
      canPickFolders: options.host.canPickFolders,
      canLaunchAtLogin: options.host.canLaunchAtLogin,
      versions: options.versions,
    };
  }
}
