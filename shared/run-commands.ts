import type { NoArgs } from './no-args.ts';
import type { PlanPreview } from './plans.ts';
import type { GalleryFilter, GalleryPage, RunDetail, RunId, RunOptions, RunsPage } from './runs.ts';

/** Commands about runs, their queue and what they made. */

interface RunTarget {
  readonly runId: RunId;
}

export interface RunCommands {
  /** What would happen, without running it. The workflow is the text of a JSON file, API or UI format. */
  'runs.plan': {
    args: { readonly workflow: string; readonly options: RunOptions };
    result: PlanPreview;
  };
  /** Resolves once the run is journaled: from then on it survives any crash. */
  'runs.submit': {
    args: { readonly name: string; readonly workflow: string; readonly options: RunOptions };
    result: { readonly runId: RunId };
  };
  /** Finished runs older than `before` (ms since the epoch; null = all unfinished ones and the newest finished ones). */
  'runs.list': { args: { readonly before: number | null; readonly limit: number }; result: RunsPage };
  'runs.get': { args: RunTarget; result: RunDetail };
  /** The text that was submitted. */
  'runs.workflow': { args: RunTarget; result: { readonly workflow: string; readonly options: RunOptions } };
  /** Ends only its own prompts, everywhere. */
  'runs.cancel': { args: RunTarget; result: null };
  /** Queues the failed shards of a finished run again. */
  'runs.retry': { args: RunTarget; result: null };
  /** The same workflow with the seeds that follow. */
  'runs.again': { args: RunTarget; result: { readonly runId: RunId } };
  /** Puts a waiting run in front of another one; null = at the end. */
  'runs.move': { args: RunTarget & { readonly before: RunId | null }; result: null };
  /** Forgets a finished run; its files stay. */
  'runs.remove': { args: RunTarget; result: null };
  /** What runs goes on; nothing new is dispatched until resumed. */
  'queue.pause': { args: NoArgs; result: null };
  'queue.resume': { args: NoArgs; result: null };
  'gallery.list': {
    args: { readonly cursor: string | null; readonly limit: number; readonly filter: GalleryFilter };
    result: GalleryPage;
  };
}
