import { describe, expect, it } from 'vitest';
import { desktopOptions } from '../../../electron/shell/desktop-options.ts';
import { ReloadBudget } from '../../../electron/shell/reload-budget.ts';

describe('the desktop’s options', () => {
  it('are found among Chromium’s own switches', () => {
    const argv = [
      'electron',
      '/app',
      '--no-sandbox',
      '--demo=3',
      '--data',
      '/d',
      '--hidden',
      '--port=9000',
      'file',
    ];
    expect(desktopOptions(argv, false)).toMatchObject({ demo: 3, data: '/d', port: 9000, gatewayHost: null });
    const open = ['electron', '/app', '--gateway-host', '0.0.0.0'];
    expect(desktopOptions(open, false).gatewayHost).toBe('0.0.0.0');
  });

  it('begin earlier in the packaged app', () => {
    expect(desktopOptions(['/opt/comfy-ensemble', '--demo'], true).demo).toBe(4);
    expect(desktopOptions(['electron', '--demo'], false).demo).toBeNull();
  });

  it('are refused in words when they make no sense', () => {
    expect(() => desktopOptions(['electron', '/app', '--port', 'x'], false)).toThrow(
      /--port takes a whole number/,
    );
  });
});

describe('the reload budget', () => {
  it('forgives three crashes a minute', () => {
    const budget = new ReloadBudget();
    expect([0, 1, 2, 3].map((at) => budget.allows(at))).toEqual([true, true, true, false]);
    expect(budget.allows(70_000)).toBe(true);
  });

  it('starts over when a person asks for it', () => {
    const budget = new ReloadBudget();
    for (const at of [0, 1, 2, 3]) budget.allows(at);
    budget.reset();
    expect(budget.allows(4)).toBe(true);
  });
});
