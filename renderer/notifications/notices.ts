import type { Notice } from '../../shared/model.ts';

/** The control center keeps as many. */
export const MOST_NOTICES = 200;

export interface Notices {
  /** Newest first. */
  readonly list: readonly Notice[];
  /** Notices up to this time (the control center's clock) have been seen; null before the first list came. */
  readonly seenAt: number | null;
}

export const NO_NOTICES: Notices = { list: [], seenAt: null };

/** What the control center remembers. History from before this page was opened counts as seen; what a reconnection brings does not. */
export function receiveList(state: Notices, listed: readonly Notice[]): Notices {
  const list = newestFirst(listed);
  return { list, seenAt: state.seenAt ?? newestTime(list) };
}

export function receiveNotice(state: Notices, notice: Notice): Notices {
  const others = state.list.filter((known) => known.id !== notice.id || known.at !== notice.at);
  // Before the first list, a notice is news: what is older than it has been seen.
  return { list: newestFirst([notice, ...others]), seenAt: state.seenAt ?? notice.at - 1 };
}

export function markSeen(state: Notices): Notices {
  const seenAt = Math.max(state.seenAt ?? 0, newestTime(state.list));
  return seenAt === state.seenAt ? state : { ...state, seenAt };
}

export function unreadCount(state: Notices): number {
  const { seenAt } = state;
  return seenAt === null ? 0 : state.list.filter((notice) => notice.at > seenAt).length;
}

function newestFirst(list: readonly Notice[]): readonly Notice[] {
  return [...list].sort((left, right) => right.at - left.at || right.id - left.id).slice(0, MOST_NOTICES);
}

function newestTime(list: readonly Notice[]): number {
  return list[0]?.at ?? 0;
}
