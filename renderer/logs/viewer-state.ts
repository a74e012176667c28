import type { LevelFilter } from './log-rows.ts';

/** How a log is looked at. Pure. */
export interface ViewerState {
  readonly level: LevelFilter;
  readonly query: string;
  /** Key of the match that was jumped to. */
  readonly match: number | null;
  readonly follow: boolean;
  /** Key of the newest row when following ended: what comes after it is new. */
  readonly seen: number;
  readonly paused: boolean;
  readonly timestamps: boolean;
  readonly wrap: boolean;
}

export const FRESH_VIEWER: ViewerState = {
  level: 'all',
  query: '',
  match: null,
  follow: true,
  seen: 0,
  paused: false,
  timestamps: false,
  wrap: false,
};

export type ViewerAction =
  | { readonly type: 'level'; readonly level: LevelFilter }
  | { readonly type: 'query'; readonly query: string }
  | { readonly type: 'match'; readonly key: number; readonly newest: number }
  | { readonly type: 'follow'; readonly follow: boolean; readonly newest: number }
  | { readonly type: 'toggle-pause' }
  | { readonly type: 'toggle-timestamps' }
  | { readonly type: 'toggle-wrap' }
  /** Another instance: what was searched and how lines look stays, where one stood does not. */
  | { readonly type: 'switch' };

export function reduceViewer(state: ViewerState, action: ViewerAction): ViewerState {
  switch (action.type) {
    case 'level':
      return { ...state, level: action.level };
    case 'query':
      return { ...state, query: action.query, match: null };
    case 'match':
      return { ...leaveEnd(state, action.newest), match: action.key };
    case 'follow':
      return action.follow ? { ...state, follow: true, match: null } : leaveEnd(state, action.newest);
    case 'toggle-pause':
      return { ...state, paused: !state.paused };
    case 'toggle-timestamps':
      return { ...state, timestamps: !state.timestamps };
    case 'toggle-wrap':
      return { ...state, wrap: !state.wrap };
    case 'switch':
      return { ...state, match: null, follow: true, paused: false };
  }
}

/** Only the moment at which following ends counts: later jumps must not make new lines look seen. */
function leaveEnd(state: ViewerState, newest: number): ViewerState {
  return state.follow ? { ...state, follow: false, seen: newest } : state;
}
