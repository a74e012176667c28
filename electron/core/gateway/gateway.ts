import path from 'node:path';
import type { GatewayStatus } from '../../../shared/contract.ts';
import { EnsembleError } from '../../../shared/errors.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import type { GatewaySettings } from '../../../shared/settings.ts';
import { bracketed, isWildcard } from '../access/origins.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AttemptObserver } from '../runs/attempt-observer.ts';
import type { Runs } from '../runs/open-runs.ts';
import type { RunFeed } from '../runs/run-feed.ts';
import type { RunFleet, RunFolders } from '../runs/run-fleet.ts';
import type { AccessKey } from './access/access-key.ts';
import { isLoopback } from './access/addresses.ts';
import { clientsOf } from './access/clients.ts';
import { GatewayGate } from './access/gate.ts';
import type { Machine } from './access/machine.ts';
import { GatewayAddress } from './address.ts';
import { Controls } from './controls.ts';
import { fleetFeatures } from './features.ts';
import { FleetQuestions } from './fleet-questions.ts';
import type { GatewayFeed } from './gateway-feed.ts';
import { passOn } from './http/proxy.ts';
import { sendText } from './http/replies.ts';
import type { Call } from './http/router.ts';
import { jobRoutes } from './job-routes.ts';
import { isForeign } from './jobs/foreign.ts';
import { JobStore } from './jobs/job-store.ts';
import { Jobs } from './jobs/jobs.ts';
import { PageLogs } from './page-logs.ts';
import type { PluginFacts } from './plugin/plugin-config.ts';
import { pluginRoutes } from './plugin/plugin-routes.ts';
import { FleetCatalogs } from './prompt/fleet-catalogs.ts';
import { MasterFiles } from './prompt/master-files.ts';
import { Submitter } from './prompt/submitter.ts';
import { fleetRoutes } from './routes.ts';
import { GatewayServer } from './server.ts';
import { Audience } from './sockets/audience.ts';
import { Hub } from './sockets/hub.ts';

/** How it is reached, and by whom: the same for every fleet of one control center. */
export interface GatewayAccess {
  readonly settings: () => GatewaySettings;
  readonly key: AccessKey;
  readonly machine: Machine;
  /** Where to listen whatever the settings say; null = as they say. */
  readonly fixedHost: string | null;
  readonly feed: Pick<GatewayFeed, 'changed'>;
  /** What a tunnel makes of it, e.g. "https://comfy.example.com"; null while there is none. */
  readonly publicUrl: () => string | null;
}

export interface GatewayDeps {
  readonly access: GatewayAccess;
  /** Holds gateway.db. */
  readonly directory: string;
  readonly fleet: RunFleet;
  readonly feed: Pick<RunFeed, 'onRuns'>;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What scripts made for the plugin ask about; without it they hear of no GPUs. */
  readonly facts?: () => PluginFacts;
}

/** One ComfyUI address for the whole fleet. */
export class Gateway {
  readonly address: GatewayAddress;
  readonly #deps: GatewayDeps;
  readonly #store: JobStore;
  readonly #jobs: Jobs;
  readonly #hub: Hub;
  readonly #questions: FleetQuestions;
  readonly #logs: PageLogs;
  readonly #server: GatewayServer;
  #runs: Runs | null = null;
  #submitter: Submitter | null = null;
  readonly #stopListening: (() => void)[] = [];

  /** @throws SqliteError when what clients are told cannot be kept here */
  constructor(deps: GatewayDeps) {
    const { clock, logger, fleet, notices } = deps;
    this.#deps = deps;
    this.#store = JobStore.open(path.join(deps.directory, 'gateway.db'), clock);
    for (const problem of this.#store.problems) notices.add('warning', 'The history was begun anew', problem);
    const audience = new Audience(() => this.#hub);
    this.#questions = new FleetQuestions(fleet);
    this.#jobs = new Jobs({ store: this.#store, audience, clock, logger });
    this.#hub = new Hub({
      clock,
      features: () => fleetFeatures(this.#questions),
      remaining: () => this.#jobs.all.length,
      recall: (clientId, send) => audience.recall(clientId, send),
      changed: () => deps.access.feed.changed(),
    });
    this.#logs = new PageLogs({
      ...{ fleet, clock },
      master: () => this.#questions.upstream,
      send: (clientId, message) => this.#hub.send(clientId, message),
    });
    this.#server = this.#createServer();
    const { settings, fixedHost, feed } = deps.access;
    this.address = new GatewayAddress({ server: this.#server, settings, fixedHost, feed, notices });
  }

  /** To be handed to the runs before they are opened. */
  get observer(): AttemptObserver {
    return this.#jobs;
  }

  /** null while it does not listen. */
  get url(): string | null {
    return this.#server.url;
  }

  get status(): GatewayStatus {
    const { fixedHost, machine, publicUrl } = this.#deps.access;
    const { place, url } = this.#server;
    const open = place !== null && !isLoopback(place.host);
    const names = place !== null && isWildcard(place.host) ? machine.addresses() : [place?.host ?? ''];
    const tunnel = place === null ? null : publicUrl();
    const near = open ? names.map((name) => `http://${bracketed(name)}:${place.port}`) : [];
    return {
      ...{ url, open, fixedHost },
      addresses: tunnel === null ? near : [tunnel, ...near],
      ...clientsOf(
        this.#hub.connections,
        // What the app or the command line began is nobody's from outside.
        this.#jobs.all.map(({ record }) => record).filter((record) => !isForeign(record)),
      ),
    };
  }

  /** The runs are open: prompts of an earlier life go on, and new ones are taken. */
  attach(runs: Runs): void {
    const { clock, feed, fleet } = this.#deps;
    this.#runs = runs;
    this.#submitter = new Submitter({
      ...{ service: runs.service, jobs: this.#jobs, store: this.#store, clock },
      files: new MasterFiles(fleet, runs.inputs),
      catalogs: new FleetCatalogs(fleet, runs.catalogs),
      master: () => this.#questions.master,
      distribution: () => this.#deps.access.settings().gatewayDistribution,
    });
    this.#stopListening.push(
      feed.onRuns((change) => this.#jobs.onRuns(change)),
      this.#deps.access.key.onRenewed(() => this.#server.endGuests()),
    );
    this.#jobs.attach(runs);
  }

  /** Before the runs are closed: nothing of what these then say is for clients. */
  async close(): Promise<void> {
    for (const stop of this.#stopListening) stop();
    this.#logs.close();
    this.#hub.close();
    await this.address.close();
  }

  /** After the runs are closed: their last attempts still write. */
  release(): void {
    this.#store.close();
  }

  #createGate(): GatewayGate {
    const { access, clock, logger } = this.#deps;
    const hostname = access.machine.hostname();
    return new GatewayGate({
      ...{ key: access.key, clock, logger },
      own: () => ({
        port: this.#server.place?.port ?? 0,
        hostname: isLoopback(this.#server.place?.host ?? '') ? null : hostname,
        listed: access.settings().gatewayNames,
        tunnel: hostOf(access.publicUrl()),
      }),
    });
  }

  #createServer(): GatewayServer {
    const { fleet, logger, facts = () => NO_FACTS } = this.#deps;
    const [jobs, store, questions] = [this.#jobs, this.#store, this.#questions];
    const controls = new Controls({ jobs, service: () => this.#opened().service });
    const submitter = (): Submitter => this.#submitter ?? notReady();
    const folders = (): RunFolders => fleet.folders();
    const masterSharesFolders = (): boolean => fleet.server(MASTER_ID)?.sharesOutput ?? false;
    const journal = (): Runs['journal'] => this.#opened().journal;
    const shared = { jobs, store, questions, controls, logger, submitter, folders };
    return new GatewayServer({
      ...{ hub: this.#hub, gate: this.#createGate(), logger },
      routes: {
        ...fleetRoutes({ ...shared, masterSharesFolders }),
        ...pluginRoutes({ ...shared, journal, facts }),
      },
      apiRoutes: { ...jobRoutes({ jobs, store, controls }), ...this.#logs.routes },
      others: (call) => this.#passToMaster(call),
    });
  }

  async #passToMaster({ request, response, path: pathname, query }: Call): Promise<void> {
    const { upstream } = this.#questions;
    const asked =
      query.size === 0 ? pathname : `${pathname}${new URL(request.url ?? '/', 'http://gateway').search}`;
    if (upstream === null) sendText(response, 'The fleet is still being set up.\n', 503);
    else await passOn(request, response, upstream, asked, this.#deps.logger);
  }

  #opened(): Runs {
    return this.#runs ?? notReady();
  }
}

function hostOf(url: string | null): string | null {
  return url === null ? null : new URL(url).host;
}

const NO_FACTS: PluginFacts = { gpus: [], autoLaunch: false, stopOnQuit: false };

function notReady(): never {
  throw new EnsembleError('not-ready', 'The fleet is still being set up.', 'Try again in a moment.');
}
