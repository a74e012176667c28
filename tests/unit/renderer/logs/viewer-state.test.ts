import { describe, expect, it } from 'vitest';
import {
  FRESH_VIEWER,
  reduceViewer,
  type ViewerAction,
  type ViewerState,
} from '../../../../renderer/logs/viewer-state.ts';

const play = (...actions: readonly ViewerAction[]): ViewerState => actions.reduce(reduceViewer, FRESH_VIEWER);

describe('reduceViewer', () => {
  it('remembers what was seen when following ended, and only then', () => {
    const state = play(
      { type: 'follow', follow: false, newest: 40 },
      { type: 'match', key: 12, newest: 90 },
      { type: 'follow', follow: false, newest: 95 },
    );
    expect(state).toMatchObject({ follow: false, seen: 40, match: 12 });
  });

  it('leaves the end when it jumps to a match', () => {
    expect(play({ type: 'match', key: 3, newest: 9 })).toMatchObject({ follow: false, seen: 9, match: 3 });
  });

  it('forgets the match with a new search and with a return to the end', () => {
    const matched: ViewerAction = { type: 'match', key: 3, newest: 9 };
    expect(play(matched, { type: 'query', query: 'x' })).toMatchObject({ query: 'x', match: null });
    expect(play(matched, { type: 'follow', follow: true, newest: 9 })).toMatchObject({
      follow: true,
      match: null,
    });
  });

  it('keeps the looks and the search for another instance, but not the place', () => {
    const state = play(
      { type: 'toggle-wrap' },
      { type: 'toggle-timestamps' },
      { type: 'level', level: 'error' },
      { type: 'query', query: 'cuda' },
      { type: 'toggle-pause' },
      { type: 'match', key: 3, newest: 9 },
      { type: 'switch' },
    );
    expect(state).toMatchObject({
      wrap: true,
      timestamps: true,
      level: 'error',
      query: 'cuda',
      paused: false,
      follow: true,
      match: null,
    });
  });
});
