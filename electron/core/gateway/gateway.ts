import path from 'node:path';
import { EnsembleError } from '../../../shared/errors.ts';
import { MASTER_ID } from '../../../shared/model.ts';
import type { Notices } from '../notices.ts';
import type { Clock, Logger } from '../ports.ts';
import type { AttemptObserver } from '../runs/attempt-observer.ts';
import type { Runs } from '../runs/open-runs.ts';
import type { RunFeed } from '../runs/run-feed.ts';
import type { RunFleet } from '../runs/run-fleet.ts';
import { Controls } from './controls.ts';
import { fleetFeatures } from './features.ts';
import { FleetQuestions } from './fleet-questions.ts';
import { passOn } from './http/proxy.ts';
import { sendText } from './http/replies.ts';
import type { Call } from './http/router.ts';
import { jobRoutes } from './job-routes.ts';
import { JobStore } from './jobs/job-store.ts';
import { Jobs } from './jobs/jobs.ts';
import { PageLogs } from './page-logs.ts';
import { FleetCatalogs } from './prompt/fleet-catalogs.ts';
import { MasterFiles } from './prompt/master-files.ts';
import { Submitter } from './prompt/submitter.ts';
import { fleetRoutes } from './routes.ts';
import { GatewayServer } from './server.ts';
import { Audience } from './sockets/audience.ts';
import { Hub } from './sockets/hub.ts';

export interface GatewayDeps {
  /** Holds gateway.db. */
  readonly directory: string;
  readonly fleet: RunFleet;
  readonly feed: Pick<RunFeed, 'onRuns'>;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One ComfyUI address for the whole fleet. */
export class Gateway {
  readonly #deps: GatewayDeps;
  readonly #store: JobStore;
  readonly #jobs: Jobs;
  readonly #hub: Hub;
  readonly #questions: FleetQuestions;
  readonly #logs: PageLogs;
  readonly #server: GatewayServer;
  #runs: Runs | null = null;
  #submitter: Submitter | null = null;
  #stopListening: () => void = () => {};
  #isListening = false;

  /** @throws SqliteError when what clients are told cannot be kept here */
  constructor(deps: GatewayDeps) {
    const { clock, logger, fleet, notices } = deps;
    this.#deps = deps;
    this.#store = JobStore.open(path.join(deps.directory, 'gateway.db'), clock);
    for (const problem of this.#store.problems) notices.add('warning', 'The history was begun anew', problem);
    const audience = new Audience(() => this.#hub);
    this.#questions = new FleetQuestions(fleet, clock);
    this.#jobs = new Jobs({ store: this.#store, audience, clock, logger });
    this.#hub = new Hub({
      clock,
      features: () => fleetFeatures(this.#questions),
      remaining: () => this.#jobs.all.length,
      recall: (clientId, send) => audience.recall(clientId, send),
    });
    this.#logs = new PageLogs({
      ...{ fleet, clock },
      master: () => this.#questions.upstream,
      send: (clientId, message) => this.#hub.send(clientId, message),
    });
    this.#server = this.#createServer();
  }

  /** To be handed to the runs before they are opened. */
  get observer(): AttemptObserver {
    return this.#jobs;
  }

  /** null while it does not listen. */
  get url(): string | null {
    return this.#isListening ? this.#server.url : null;
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
    });
    this.#stopListening = feed.onRuns((change) => this.#jobs.onRuns(change));
    this.#jobs.attach(runs);
  }

  /**
   * @param reserved ports that servers of the fleet will want
   * @throws EnsembleError when no port can be had
   */
  async listen(wanted: number, reserved: ReadonlySet<number>): Promise<void> {
    const port = await this.#server.listen(wanted, reserved);
    this.#isListening = true;
    if (port === wanted) return;
    this.#deps.notices.add(
      'info',
      `The fleet’s ComfyUI address is ${this.#server.url}`,
      `Port ${wanted}, as set, is taken.`,
    );
  }

  /** Before the runs are closed: nothing of what these then say is for clients. */
  async close(): Promise<void> {
    this.#isListening = false;
    this.#stopListening();
    this.#logs.close();
    this.#hub.close();
    await this.#server.close();
  }

  /** After the runs are closed: their last attempts still write. */
  release(): void {
    this.#store.close();
  }

  #createServer(): GatewayServer {
    const { fleet, logger } = this.#deps;
    const [jobs, store, questions] = [this.#jobs, this.#store, this.#questions];
    const controls = new Controls({ jobs, service: () => this.#opened().service });
    return new GatewayServer({
      ...{ hub: this.#hub, logger },
      routes: fleetRoutes({
        ...{ jobs, store, questions, controls, logger },
        submitter: () => this.#submitter ?? notReady(),
        folders: () => fleet.folders(),
        masterSharesFolders: () => fleet.server(MASTER_ID)?.sharesOutput ?? false,
      }),
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

function notReady(): never {
  throw new EnsembleError('not-ready', 'The fleet is still being set up.', 'Try again in a moment.');
}
