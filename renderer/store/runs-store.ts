import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ControlClient } from '../../shared/contract.ts';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { QueueState, RunId, RunSummary } from '../../shared/runs.ts';
import { askWhenReady } from './ask-when-ready.ts';
import {
  beginDetailFetch,
  emptyDetail,
  type RunDetailSync,
  receiveArtifact,
  receiveDetail,
  receiveShards,
} from './run-detail-sync.ts';
import {
  beginRunsFetch,
  NO_RUNS,
  orderRuns,
  type RunsSync,
  receiveNewest,
  receiveOlder,
  receiveRunsChange,
} from './runs-sync.ts';

export interface RunsState {
  /** Unfinished ones in queue order, then the finished ones, newest first; null until the first page came. */
  readonly runs: readonly RunSummary[] | null;
  readonly queue: QueueState | null;
  /** There are older ones. */
  readonly more: boolean;
  readonly loadingOlder: boolean;
  /** Why the list cannot be read. */
  readonly problem: ErrorEnvelope | null;
  /** The followed run's shards and files; null while none is followed. */
  readonly detail: RunDetailSync | null;
  readonly detailProblem: ErrorEnvelope | null;
  loadOlder(): Promise<void>;
  /** Fetches the run's detail and keeps it live; null lets go of it. */
  follow(runId: RunId | null): void;
}

export type RunsStore = StoreApi<RunsState>;

const PAGE = 60;

/** Subscribes first, then fetches; the same after every reconnection. */
export function createRunsStore(client: ControlClient): RunsStore {
  let sync: RunsSync = NO_RUNS;
  let questions = 0;
  const store = createStore<RunsState>((set, get) => ({
    runs: null,
    queue: null,
    more: false,
    loadingOlder: false,
    problem: null,
    detail: null,
    detailProblem: null,
    async loadOlder() {
      if (get().loadingOlder) return;
      set({ loadingOlder: true });
      await fetchOlder(sync.cursor);
      set({ loadingOlder: false });
    },
    follow(runId) {
      if ((get().detail?.runId ?? null) === runId) return;
      set({ detail: runId === null ? null : emptyDetail(runId), detailProblem: null });
      if (runId !== null) void fetchDetail(client, store, runId);
    },
  }));

  const accept = (next: RunsSync): void => {
    const list = next.byId === sync.byId ? {} : { runs: orderRuns(next.byId.values()) };
    sync = next;
    store.setState({ ...list, queue: next.queue, more: next.more });
  };
  const fetchNewest = async (): Promise<void> => {
    sync = beginRunsFetch(sync);
    questions += 1;
    const question = questions;
    try {
      const page = await askWhenReady(client, 'runs.list', { before: null, limit: PAGE });
      // After another reconnection a newer question is on its way.
      if (question !== questions) return;
      store.setState({ problem: null });
      accept(receiveNewest(sync, page));
    } catch (error) {
      store.setState({ problem: toEnvelope(error) });
    }
  };
  const fetchOlder = async (before: number | null): Promise<void> => {
    try {
      accept(receiveOlder(sync, await client.invoke('runs.list', { before, limit: PAGE })));
    } catch (error) {
      store.setState({ problem: toEnvelope(error) });
    }
  };

  client.subscribe('runs', (change) => accept(receiveRunsChange(sync, change)));
  followDetail(client, store);
  client.onConnection((connected) => {
    if (connected) void fetchNewest();
  });
  return store;
}

/** Keeps the followed run's detail up with events, and fetches it again after a reconnection. */
function followDetail(client: ControlClient, store: RunsStore): void {
  const change = (next: (detail: RunDetailSync) => RunDetailSync): void => {
    const { detail } = store.getState();
    if (detail === null) return;
    const changed = next(detail);
    if (changed !== detail) store.setState({ detail: changed });
  };
  client.subscribe('shards', (shards) => change((detail) => receiveShards(detail, shards)));
  client.subscribe('artifact', (artifact) => change((detail) => receiveArtifact(detail, artifact)));
  client.onConnection((connected) => {
    const { detail } = store.getState();
    if (connected && detail !== null) void fetchDetail(client, store, detail.runId);
  });
}

async function fetchDetail(client: ControlClient, store: RunsStore, runId: RunId): Promise<void> {
  const change = (next: (detail: RunDetailSync) => Partial<RunsState>): void => {
    const { detail } = store.getState();
    // Another run may have been opened in the meantime.
    if (detail?.runId === runId) store.setState(next(detail));
  };
  change((detail) => ({ detail: beginDetailFetch(detail) }));
  try {
    const fetched = await askWhenReady(client, 'runs.get', { runId });
    change((detail) => ({ detail: receiveDetail(detail, fetched), detailProblem: null }));
  } catch (error) {
    change(() => ({ detailProblem: toEnvelope(error) }));
  }
}
