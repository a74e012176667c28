import { describe, expect, it } from 'vitest';
import {
  MOST_NOTICES,
  markSeen,
  NO_NOTICES,
  receiveList,
  receiveNotice,
  unreadCount,
} from '../../../../renderer/notifications/notices.ts';
import { toastDuration } from '../../../../renderer/notifications/toast-duration.ts';
import type { Notice } from '../../../../shared/model.ts';

const notice = (id: number, at: number): Notice => ({
  id,
  at,
  level: 'info',
  title: `Event ${id}`,
  detail: null,
  instanceId: null,
});

describe('notices', () => {
  it('counts history as seen and what comes afterwards as unread, until the list is opened', () => {
    let state = receiveList(NO_NOTICES, [notice(1, 100), notice(2, 200)]);
    expect(unreadCount(state)).toBe(0);
    state = receiveNotice(state, notice(3, 300));
    expect(unreadCount(state)).toBe(1);
    state = markSeen(state);
    expect(unreadCount(state)).toBe(0);
    expect(markSeen(state)).toBe(state);
  });

  it('lists newest first, whatever order they came in', () => {
    const state = receiveNotice(receiveList(NO_NOTICES, [notice(1, 100), notice(3, 300)]), notice(2, 200));
    expect(state.list.map(({ id }) => id)).toEqual([3, 2, 1]);
  });

  it('keeps a notice once when the event and the list both bring it', () => {
    const early = receiveNotice(NO_NOTICES, notice(1, 100));
    expect(unreadCount(early)).toBe(1);
    const state = receiveNotice(receiveList(early, [notice(1, 100)]), notice(1, 100));
    expect(state.list).toHaveLength(1);
    expect(unreadCount(state)).toBe(1);
  });

  it('keeps notices of two lives of the control center apart although their numbers repeat', () => {
    const state = receiveNotice(receiveList(NO_NOTICES, [notice(1, 100)]), notice(1, 900));
    expect(state.list).toHaveLength(2);
  });

  it('shows as unread what happened while disconnected', () => {
    const before = receiveList(NO_NOTICES, [notice(1, 100)]);
    expect(unreadCount(receiveList(before, [notice(1, 100), notice(2, 200)]))).toBe(1);
  });

  it('is bounded', () => {
    let state = NO_NOTICES;
    for (let id = 1; id <= MOST_NOTICES + 50; id += 1) state = receiveNotice(state, notice(id, id));
    expect(state.list).toHaveLength(MOST_NOTICES);
    expect(state.list[0]?.id).toBe(MOST_NOTICES + 50);
  });
});

describe('toastDuration', () => {
  it('gives time to undo and to read an error', () => {
    const short = toastDuration({ level: 'success', detail: null });
    expect(toastDuration({ level: 'success', detail: 'More words' })).toBeGreaterThan(short);
    expect(toastDuration({ level: 'error', detail: null })).toBeGreaterThanOrEqual(10_000);
    const undo = { label: 'Undo', run: () => undefined };
    expect(toastDuration({ level: 'success', detail: null, action: undo })).toBeGreaterThanOrEqual(10_000);
  });
});
