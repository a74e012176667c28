import { describe, expect, it } from 'vitest';
import { nearest } from '../../../shared/nearest.ts';

describe('nearest', () => {
  it('finds what was meant and stays silent otherwise', () => {
    const flags = ['--port', '--listen', '--lowvram', '--preview-method'];
    expect(nearest('--lowram', flags)).toBe('--lowvram');
    expect(nearest('--preview-metod', flags)).toBe('--preview-method');
    expect(nearest('--something-else', flags)).toBeNull();
    expect(nearest('x', [])).toBeNull();
  });
});
