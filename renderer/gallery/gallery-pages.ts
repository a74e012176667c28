import type { Artifact, GalleryFilter, GalleryPage } from '../../shared/runs.ts';

/** How pages of files and those that come home meanwhile become one list, newest first. Pure. */

export interface GalleryPages {
  readonly artifacts: readonly Artifact[];
  /** Came meanwhile, newest first; not shown yet because that would move what one looks at. */
  readonly fresh: readonly Artifact[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
  /** False until the first page came. */
  readonly loaded: boolean;
}

export const NO_PAGES: GalleryPages = { artifacts: [], fresh: [], next: null, loaded: false };

/**
 * The newest page, at first and after a reconnection. What was loaded stays where both overlap; what is new comes on top, or waits
 * in `fresh` when `hold`.
 */
export function receiveFirstPage(state: GalleryPages, page: GalleryPage, hold: boolean): GalleryPages {
  const known = idsOf(state);
  const news = page.artifacts.filter((artifact) => !known.has(artifact.id));
  const overlaps = news.length < page.artifacts.length;
  if (state.loaded && overlaps) return addOnTop(state, news, hold);
  const paged = new Set(page.artifacts.map((artifact) => artifact.id));
  // Before the first page only what came by event is here; it is newer than the page where the page lacks it.
  const early = state.loaded ? [] : state.artifacts.filter((artifact) => !paged.has(artifact.id));
  return { artifacts: [...early, ...page.artifacts], fresh: [], next: page.next, loaded: true };
}

export function receiveNextPage(state: GalleryPages, page: GalleryPage): GalleryPages {
  const known = idsOf(state);
  const older = page.artifacts.filter((artifact) => !known.has(artifact.id));
  return { ...state, artifacts: [...state.artifacts, ...older], next: page.next };
}

/** @param hold it must not appear by itself: the pointer is on a picture, or the list is scrolled */
export function receiveNew(state: GalleryPages, artifact: Artifact, hold: boolean): GalleryPages {
  return idsOf(state).has(artifact.id) ? state : addOnTop(state, [artifact], hold);
}

export function showFresh(state: GalleryPages): GalleryPages {
  if (state.fresh.length === 0) return state;
  return { ...state, artifacts: [...state.fresh, ...state.artifacts], fresh: [] };
}

function addOnTop(state: GalleryPages, news: readonly Artifact[], hold: boolean): GalleryPages {
  if (news.length === 0) return state;
  if (hold) return { ...state, fresh: [...news, ...state.fresh] };
  return { ...state, artifacts: [...news, ...state.fresh, ...state.artifacts], fresh: [] };
}

function idsOf(state: GalleryPages): ReadonlySet<string> {
  return new Set([...state.artifacts, ...state.fresh].map((artifact) => artifact.id));
}

/** The filter as the control center applies it, for files that come by event. */
export function matchesFilter(artifact: Artifact, filter: GalleryFilter): boolean {
  return (
    (filter.runId === null || artifact.runId === filter.runId) &&
    (filter.instanceId === null || artifact.instanceId === filter.instanceId) &&
    (filter.name === null || artifact.runName.toLowerCase().includes(filter.name.toLowerCase())) &&
    (filter.since === null || artifact.at >= filter.since) &&
    (filter.until === null || artifact.at <= filter.until) &&
    (filter.previews || !artifact.preview)
  );
}

export function isFiltered(filter: GalleryFilter): boolean {
  const { runId, instanceId, name, since, until, previews } = filter;
  return previews || [runId, instanceId, name, since, until].some((part) => part !== null);
}

/** "2026-11-24" in local time → ms since the epoch of its first or last moment; null for an empty field. */
export function dayToTime(day: string, end: boolean): number | null {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return null;
  const time = new Date(year, month - 1, end ? date + 1 : date).getTime() - (end ? 1 : 0);
  return Number.isFinite(time) && time >= 0 ? time : null;
}

/** The day of a time, as a date field holds it. */
export function timeToDay(time: number | null): string {
  if (time === null) return '';
  const date = new Date(time);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
