import path from 'node:path';
import { EnsembleError } from '../../../shared/errors.ts';
import type { GpuInfo, InstanceId } from '../../../shared/model.ts';
import { ComfyHttp } from '../comfy/http.ts';
import { InstanceMonitor } from '../comfy/monitor.ts';
import { Pacer } from '../comfy/pacer.ts';
import type { ServerAddress } from '../comfy/server-address.ts';
import { InstanceLog } from '../logs/instance-log.ts';
import { RemoteLog } from '../logs/remote-log.ts';
import { removeLeftovers } from '../runs/leftovers.ts';
import { type LaunchPlan, planLaunch } from '../supervisor/launch-plan.ts';
import { ManagedProcess } from '../supervisor/managed-process.ts';
import { checkPort } from '../supervisor/ports.ts';
import type { FleetDeps } from './fleet-deps.ts';
import { LocalInstance, localUrl } from './local-instance.ts';
import { foldersOf } from './program.ts';
import { RemoteInstance } from './remote-instance.ts';
import { type LocalDefinition, type RemoteDefinition, resolveGpu } from './roster.ts';

/** Between two servers elsewhere that are looked for, ms: hundreds of them are there, or gone, at the same moment. */
const REMOTE_GAP_MS = 4;

export interface FactorySurroundings {
  /** Of ComfyUI on the master; null while unknown. */
  readonly masterVersion: () => string | null;
}

/** Makes instances out of what the roster says about them. */
export class InstanceFactory {
  readonly #deps: FleetDeps;
  readonly #around: FactorySurroundings;
  readonly #pacer: Pacer;

  constructor(deps: FleetDeps, around: FactorySurroundings) {
    this.#deps = deps;
    this.#around = around;
    this.#pacer = new Pacer(deps.clock, REMOTE_GAP_MS);
  }

  createLocal(definition: LocalDefinition): LocalInstance {
    const { clock, logger, install } = this.#deps;
    const log = new InstanceLog({
      file: path.join(this.#directoryOf(definition.id), 'comfyui.log'),
      clock,
      logger,
    });
    return new LocalInstance(definition, {
      log,
      createProcess: (current, itsLog) => this.#createProcess(current, itsLog),
      createMonitor: (address) => this.#createMonitor(address),
      gpuUuidOf: ({ device }) => resolveGpu(device, this.#gpus)?.uuid ?? null,
      simulated: install.source === 'simulated',
    });
  }

  createRemote(definition: RemoteDefinition): RemoteInstance {
    const { clock, random, secrets, climber, keeperOf } = this.#deps;
    return new RemoteInstance(definition, {
      createMonitor: (address) => this.#createMonitor(address, this.#pacer),
      createLog: (instance) =>
        new RemoteLog({
          clock,
          http: () => new ComfyHttp(instance.address, { clock }),
          monitor: () => instance.monitor,
        }),
      headers: () => secrets.read(definition.id),
      keeper: keeperOf(definition),
      readiness: {
        ...{ climber, clock, random },
        masterVersion: this.#around.masterVersion,
      },
    });
  }

  planFor(definition: LocalDefinition): LaunchPlan {
    const { install, program, environment, platform } = this.#deps;
    const folders = foldersOf(install);
    return planLaunch({
      id: definition.id,
      role: definition.role,
      port: definition.port,
      device: definition.device,
      extraArgs: definition.extraArgs,
      program,
      gpus: this.#gpus,
      directories: {
        instance: this.#directoryOf(definition.id),
        input: folders.input,
        output: definition.role === 'master' ? folders.output : null,
        base: install.baseDirectory,
      },
      inherited: environment,
      platform,
    });
  }

  get #gpus(): readonly GpuInfo[] {
    return this.#deps.inventory.gpus;
  }

  #createMonitor(address: ServerAddress, pacer?: Pacer): InstanceMonitor {
    const { clock, logger, random } = this.#deps;
    const paced = pacer === undefined ? {} : { pacer };
    return new InstanceMonitor({ ...address, clock, logger, random, ...paced });
  }

  #createProcess(definition: () => LocalDefinition, log: InstanceLog): ManagedProcess {
    const { clock, logger, random, registry, preferences, memory } = this.#deps;
    return new ManagedProcess({
      id: definition().id,
      plan: async () => {
        const plan = this.planFor(definition());
        // A new life of the server has no cache yet that could answer with these files.
        await removeLeftovers(plan.outputDirectory, null);
        return plan;
      },
      log,
      registry,
      clock,
      random,
      logger,
      probe: (signal) => this.#probeOwn(definition(), signal),
      checkPort,
      port: () => definition().port,
      policy: () => ({
        restartCrashed: preferences().restartCrashed,
        readyTimeoutMs: preferences().readyTimeoutSeconds * 1000,
        stopOnExit: preferences().stopOnQuit,
      }),
      memory,
    });
  }

  /** A stranger that took the port between our check and the child's bind answers too, but not with our folder. */
  async #probeOwn({ id, port }: LocalDefinition, signal: AbortSignal): Promise<void> {
    const { system } = await new ComfyHttp(localUrl(port), { clock: this.#deps.clock }).systemStats(signal);
    if (system.argv == null || system.argv.includes(this.#directoryOf(id))) return;
    throw new EnsembleError('port-in-use', `Another ComfyUI answers on port ${port}.`);
  }

  #directoryOf(id: InstanceId): string {
    return path.join(this.#deps.directory, 'instances', id);
  }
}
