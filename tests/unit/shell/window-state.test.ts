import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_SIZE, parseWindowState, placeWindow } from '../../../electron/shell/window-state.ts';

const SCREEN = { x: 0, y: 28, width: 1920, height: 1052 };
const LEFT = { x: -1280, y: 0, width: 1280, height: 1024 };

describe('where the window goes', () => {
  it('goes where it was', () => {
    const bounds = { x: -1200, y: 50, width: 1000, height: 700 };
    expect(placeWindow({ bounds, maximized: true }, [SCREEN, LEFT])).toEqual({
      position: { x: -1200, y: 50 },
      width: 1000,
      height: 700,
      maximized: true,
    });
  });

  it('goes where the system puts it when its display has vanished', () => {
    const bounds = { x: -1200, y: 50, width: 1000, height: 700 };
    expect(placeWindow({ bounds, maximized: false }, [SCREEN]).position).toBeNull();
  });

  it('shrinks to a smaller display', () => {
    const bounds = { x: 0, y: 28, width: 3000, height: 2000 };
    expect(placeWindow({ bounds, maximized: false }, [SCREEN])).toMatchObject({ width: 1920, height: 1052 });
  });

  it('can always be grabbed and is never too small', () => {
    const side = fc.integer({ min: -4000, max: 4000 });
    const size = fc.integer({ min: 1, max: 8000 });
    fc.assert(
      fc.property(side, side, size, size, (x, y, width, height) => {
        const place = placeWindow({ bounds: { x, y, width, height }, maximized: false }, [SCREEN]);
        expect(place.width).toBeGreaterThanOrEqual(LEAST_SIZE.width);
        expect(place.height).toBeGreaterThanOrEqual(LEAST_SIZE.height);
        if (place.position === null) return;
        expect(place.position.x).toBeLessThanOrEqual(SCREEN.width - 80);
        expect(place.position.x + place.width).toBeGreaterThanOrEqual(80);
        expect(place.position.y).toBeGreaterThanOrEqual(SCREEN.y);
        expect(place.position.y).toBeLessThan(SCREEN.y + SCREEN.height);
      }),
      // Wider than the display and mostly left of it: once it fits, nothing of it would be seen.
      { examples: [[-3000, 100, 3200, 700]] },
    );
  });
});

describe('a state read from disk', () => {
  it('is taken whole or not at all', () => {
    const whole = { bounds: { x: 1, y: 2, width: 1000, height: 700 }, maximized: false };
    expect(parseWindowState(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    const broken = [
      null,
      7,
      [],
      {},
      { bounds: null, maximized: true },
      { bounds: { x: 1, y: 2, width: 0, height: 700 }, maximized: false },
      { bounds: { x: '1', y: 2, width: 900, height: 700 }, maximized: false },
      { bounds: { x: 1e300, y: 2, width: 900, height: 700 }, maximized: false },
      { bounds: whole.bounds, maximized: 'yes' },
    ];
    for (const value of broken) expect(parseWindowState(value)).toBeNull();
  });
});
