import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answered,
  heard,
  LOADING_PAUSE_MS,
  LOST_PHI,
  newPulse,
  PAUSE_MS,
  PING_MS,
  type Pulse,
  passed,
  phi,
  SUSPECT_PHI,
  silenceUntil,
  silent,
  verdictOf,
} from '../../../electron/core/comfy/failure-detector.ts';
import { Heartbeat } from '../../../electron/core/comfy/heartbeat.ts';
import { ManualClock } from './manual-clock.ts';

const gap = fc.integer({ min: 0, max: 20_000 });
const pulseOf = (gaps: readonly number[], pingMs = PING_MS): Pulse =>
  gaps.reduce((pulse, ms) => answered(pulse, ms), newPulse(pingMs));

describe('phi-accrual', () => {
  it('finds a silent LAN peer lost within 5.4 s, and suspects it before', () => {
    const regular = pulseOf(Array.from({ length: 60 }, (_, n) => 1_000 + (n % 5)));
    expect(silenceUntil(regular, PAUSE_MS, 'lost')).toBeLessThanOrEqual(5_400);
    expect(silenceUntil(regular, PAUSE_MS, 'suspect')).toBeGreaterThan(4_500);
    expect(silenceUntil(regular, LOADING_PAUSE_MS, 'lost')).toBeGreaterThan(10_000);
  });

  it('says at its thresholds what φ says', () => {
    fc.assert(
      fc.property(
        fc.array(gap, { maxLength: 100 }),
        fc.constantFrom(PAUSE_MS, LOADING_PAUSE_MS),
        (gaps, pause) => {
          const pulse = pulseOf(gaps);
          const suspect = silent(pulse, silenceUntil(pulse, pause, 'suspect'));
          const lost = silent(pulse, silenceUntil(pulse, pause, 'lost'));
          expect(phi(suspect, pause)).toBeCloseTo(SUSPECT_PHI, 3);
          expect(phi(lost, pause)).toBeCloseTo(LOST_PHI, 3);
          expect(verdictOf(suspect, pause)).toBe('suspect');
          expect(verdictOf(lost, pause)).toBe('lost');
        },
      ),
    );
  });

  it('never grows calmer with silence, and forgives everything at a sign of life', () => {
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 100 }), gap, gap, (gaps, first, second) => {
        const some = silent(pulseOf(gaps), first);
        const more = silent(some, second);
        expect(phi(more, PAUSE_MS)).toBeGreaterThanOrEqual(phi(some, PAUSE_MS));
        expect(verdictOf(heard(more), PAUSE_MS)).toBe('ok');
      }),
    );
  });

  it('is patient with an irregular peer, but never without end', () => {
    fc.assert(
      fc.property(fc.array(gap, { minLength: 1, maxLength: 100 }), (gaps) => {
        expect(silenceUntil(pulseOf(gaps), PAUSE_MS, 'lost')).toBeLessThan(2 * PING_MS + PAUSE_MS + 5_300);
      }),
    );
    const irregular = pulseOf([200, 1_900, 300, 1_800, 100, 2_000]);
    expect(silenceUntil(irregular, PAUSE_MS, 'lost')).toBeGreaterThan(7_000);
  });

  it('counts neither a suspended machine nor a clock that was set', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.integer({ min: 1, max: 5_000 }), (before, now, expected) => {
        expect(passed(before, now, expected)).toBeGreaterThanOrEqual(0);
        expect(passed(before, now, expected)).toBeLessThanOrEqual(expected + 250);
      }),
    );
    expect(passed(10_000, 10_600, 1_000)).toBe(600);
    expect(answered(newPulse(PING_MS), -86_400_000).gaps).toEqual([]);
  });
});

describe('Heartbeat', () => {
  const begin = (clock: ManualClock, loading = false, knock = () => Promise.resolve(true)) => {
    const seen: string[] = [];
    let pings = 0;
    const heartbeat = new Heartbeat({
      clock,
      pingMs: PING_MS,
      isLoading: () => loading,
      knock,
      ping: () => {
        pings += 1;
      },
      onVerdict: (verdict) => seen.push(`${verdict} ${Math.round(clock.now() / 100) / 10}`),
    });
    return { heartbeat, seen, pings: () => pings };
  };

  it('pings once a second and says when the silence means something, to the tenth of a second', () => {
    const clock = new ManualClock();
    const { heartbeat, seen, pings } = begin(clock);
    for (let second = 1; second <= 20; second += 1) {
      clock.advance(1_000);
      heartbeat.answered();
    }
    expect(pings()).toBe(21);
    expect(seen).toEqual([]);
    clock.advance(60_000);
    expect(seen).toEqual(['suspect 24.8', 'lost 25.3']);
  });

  it('waits longer while a model loads', () => {
    const clock = new ManualClock();
    const { seen } = begin(clock, true);
    clock.advance(60_000);
    expect(seen).toEqual(['suspect 9.8', 'lost 10.3']);
  });

  it('waits no longer for a model when the machine takes no connections either', async () => {
    const clock = new ManualClock();
    let answer = (_takes: boolean): void => {};
    const knock = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const { seen } = begin(clock, true, () => knock);
    clock.advance(5_000);
    expect(seen).toEqual([]);
    answer(false);
    await knock;
    clock.advance(60_000);
    expect(seen).toEqual(['suspect 5', 'lost 5.3']);
  });

  it('forgets what a knock told once the peer is heard', async () => {
    const clock = new ManualClock();
    let answer = (_takes: boolean): void => {};
    const knock = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    const { heartbeat, seen } = begin(clock, true, () => knock);
    clock.advance(5_000);
    heartbeat.heard();
    answer(false);
    await knock;
    clock.advance(9_700);
    expect(seen).toEqual([]);
  });

  it('does not ping a peer that talks, and does as soon as it falls silent', () => {
    const clock = new ManualClock();
    const { heartbeat, seen, pings } = begin(clock);
    for (let tenth = 1; tenth <= 200; tenth += 1) {
      clock.advance(100);
      heartbeat.heard();
    }
    expect(pings()).toBe(1);
    clock.advance(2_000);
    expect(pings()).toBeGreaterThan(1);
    clock.advance(60_000);
    expect(seen).toEqual(['suspect 24.8', 'lost 25.3']);
  });

  it('takes suspicion back, and says nothing after its end', () => {
    const clock = new ManualClock();
    const { heartbeat, seen } = begin(clock);
    clock.advance(5_000);
    heartbeat.heard();
    expect(seen).toEqual(['suspect 4.8', 'ok 5']);
    heartbeat.stop();
    heartbeat.heard();
    clock.advance(60_000);
    expect(seen).toHaveLength(2);
  });

  it('gives the peer its chance again after a suspend, whichever way the clock was set', () => {
    for (const jump of [3_600_000, -3_600_000]) {
      const clock = new ManualClock();
      const { heartbeat, seen } = begin(clock);
      clock.advance(900);
      clock.jump(jump);
      clock.advance(1_000);
      expect(seen).toEqual([]);
      heartbeat.answered();
      clock.advance(4_000);
      expect(seen).toEqual([]);
      clock.advance(2_000);
      expect(seen.map((entry) => entry.split(' ')[0])).toEqual(['suspect', 'lost']);
    }
  });
});
