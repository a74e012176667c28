import { MASTER_ID } from '../../../shared/model.ts';
import { exchange } from '../comfy/exchange.ts';
import { isRecord } from '../plain-data.ts';
import type { Clock } from '../ports.ts';
import type { RunFleet, RunServer } from '../runs/run-fleet.ts';
import { readJson, readText } from './http/body.ts';
import type { Upstream } from './http/proxy.ts';
import { sendEmpty } from './http/replies.ts';
import type { Routes } from './http/router.ts';
import type { JobMessage } from './jobs/job-types.ts';

const ANSWER_MS = 5_000;
const MAX_BYTES = 65_536;
/** Pages that are closed do not say so: the oldest one makes room. */
const MOST_PAGES = 100;

export interface PageLogsDeps {
  readonly fleet: Pick<RunFleet, 'server' | 'onChange'>;
  readonly master: () => Upstream | null;
  readonly send: (clientId: string, message: JobMessage) => void;
  readonly clock: Clock;
}

/** The terminal of the page: what the master prints, for every page that has asked for it. */
export class PageLogs {
  readonly #pages = new Set<string>();
  #listening: {
    readonly monitor: RunServer['monitor'];
    readonly clientId: string;
    readonly stop: () => void;
  } | null = null;
  readonly #stopWatching: () => void;

  constructor(private readonly deps: PageLogsDeps) {
    this.#stopWatching = deps.fleet.onChange(() => this.#follow());
  }

  /** PATCH /internal/logs/subscribe; with its whole path, since no ComfyUI has it below /api. */
  get routes(): Routes {
    return {
      'PATCH /internal/logs/subscribe': async ({ request, response }) => {
        const body = readJson(await readText(request));
        if (!isRecord(body)) throw new TypeError('The body is no JSON object.');
        const { clientId, enabled } = body;
        this.#subscribe(String(clientId), Boolean(enabled));
        sendEmpty(response);
      },
    };
  }

  close(): void {
    this.#stopWatching();
    this.#pages.clear();
    this.#follow();
  }

  #subscribe(clientId: string, isWanted: boolean): void {
    this.#pages.delete(clientId);
    if (isWanted) this.#pages.add(clientId);
    const [oldest] = this.#pages;
    if (oldest !== undefined && this.#pages.size > MOST_PAGES) this.#pages.delete(oldest);
    this.#follow();
  }

  /** Under the id of the socket that is open now: a server forgets those whose socket has ended. */
  #follow(): void {
    const server = this.#pages.size === 0 ? null : this.deps.fleet.server(MASTER_ID);
    const clientId = server?.monitor.clientId ?? null;
    const before = this.#listening;
    if (before?.monitor === server?.monitor && before?.clientId === clientId) return;
    before?.stop();
    this.#listening = null;
    if (server === null || clientId === null) return;
    const stop = server.monitor.onText((text) => this.#hear(text));
    const { url } = this.deps.master() ?? {};
    this.#ask(url, clientId, true);
    this.#listening = {
      ...{ monitor: server.monitor, clientId },
      stop: () => {
        stop();
        this.#ask(url, clientId, false);
      },
    };
  }

  #hear(text: string): void {
    // Most of what it says is about prompts, and long.
    if (!/^\{"type": ?"logs"/.test(text)) return;
    const message: unknown = JSON.parse(text);
    if (!isRecord(message) || !isRecord(message['data'])) return;
    for (const page of this.#pages) this.deps.send(page, ['logs', message['data']]);
  }

  /** A server without it, or one that has just gone, has nothing to tell. */
  #ask(server: string | undefined, clientId: string, enabled: boolean): void {
    if (server === undefined) return;
    exchange({
      ...{
        address: { url: server },
        path: '/internal/logs/subscribe',
        method: 'PATCH',
        json: { clientId, enabled },
      },
      ...{ timeoutMs: ANSWER_MS, maxBytes: MAX_BYTES, clock: this.deps.clock, signal: null },
    }).catch(() => {});
  }
}
