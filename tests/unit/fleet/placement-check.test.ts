import { describe, expect, it } from 'vitest';
import { checkPlacement } from '../../../electron/core/fleet/placement-check.ts';

const pids = new Set([10, 11]);

describe('checkPlacement', () => {
  it('verifies a child, or a descendant of it, on the GPU it was given', () => {
    expect(checkPlacement('GPU-1', pids, new Map([[11, ['GPU-1']]]))).toEqual({
      status: 'verified',
      gpuUuid: 'GPU-1',
    });
  });

  it('says which GPU it is on instead', () => {
    expect(checkPlacement('GPU-1', pids, new Map([[10, ['GPU-0']]]))).toEqual({
      status: 'mismatch',
      expected: 'GPU-1',
      actual: ['GPU-0'],
    });
    expect(checkPlacement('GPU-1', pids, new Map([[10, ['GPU-1', 'GPU-0']]])).status).toBe('mismatch');
  });

  it('proves nothing from silence or from strangers', () => {
    expect(checkPlacement('GPU-1', pids, new Map([[99, ['GPU-0']]]))).toEqual({ status: 'pending' });
    expect(checkPlacement(null, pids, new Map([[10, ['GPU-0']]]))).toEqual({ status: 'not-applicable' });
  });
});
