import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isStalled,
  newPace,
  type Pace,
  paceAfter,
  quietLimit,
} from '../../../electron/core/runs/attempt/pace.ts';
import { isWorkersFault } from '../../../electron/core/runs/attempt/workers-fault.ts';

describe('pace', () => {
  const stepped = (gaps: readonly number[], steps = 1_000): Pace => {
    let now = 0;
    let pace = paceAfter(newPace(0), '2', null, null, 0);
    for (const [index, gap] of gaps.entries()) {
      now += gap;
      pace = paceAfter(pace, '2', index + 1, steps, now);
    }
    return pace;
  };

  it('has no limit before the first step, without steps and after the last', () => {
    expect(quietLimit(newPace(0))).toBeNull();
    expect(quietLimit(paceAfter(newPace(0), '1', null, null, 5))).toBeNull();
    expect(quietLimit(stepped([10, 10], 2))).toBeNull();
    expect(isStalled(newPace(0), Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it('allows five typical steps, at least half a minute', () => {
    expect(quietLimit(stepped([60_000, 100, 100, 100]))).toBe(30_000);
    expect(quietLimit(stepped([60_000, 20_000, 20_000, 90_000]))).toBe(100_000);
    // Nothing but the first step: how long that took, loading included, is all there is to go by.
    expect(quietLimit(stepped([120_000]))).toBe(600_000);
  });

  it('is stalled after three such spans, whatever the steps were', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 40 }), (gaps) => {
        const pace = stepped(gaps);
        const limit = quietLimit(pace) ?? Number.NaN;
        expect(limit).toBeGreaterThanOrEqual(30_000);
        expect(isStalled(pace, 3 * limit - 1)).toBe(false);
        expect(isStalled(pace, 3 * limit)).toBe(true);
      }),
    );
  });

  it('starts over with another node or another sampling of the same node', () => {
    const pace = stepped([1_000, 1_000, 1_000]);
    expect(paceAfter(pace, '9', 1, 20, 53_000).gaps).toEqual([]);
    expect(paceAfter(pace, '2', 1, 20, 53_000)).toMatchObject({ gaps: [], firstMs: 50_000 });
  });
});

describe('whose fault an exception is', () => {
  it.each([
    ['torch.OutOfMemoryError', 'CUDA out of memory. Tried to allocate 2.00 GiB'],
    ['torch.cuda.OutOfMemoryError', 'Allocation on device '],
    ['torch.OutOfMemoryError', 'HIP out of memory. Tried to allocate 20.00 MiB'],
    ['RuntimeError', 'MPS backend out of memory (MPS allocated: 18.13 GB)'],
    [
      'RuntimeError',
      "[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried",
    ],
    ['RuntimeError', '[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.'],
    ['MemoryError', ''],
    ['numpy._core._exceptions._ArrayMemoryError', 'Unable to allocate 3.1 GiB for an array'],
    ['RuntimeError', 'CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`'],
    ['torch.AcceleratorError', 'CUDA error: an illegal memory access was encountered'],
    ['RuntimeError', 'Could not allocate tensor. There is not enough GPU video memory available!'],
    ['FileNotFoundError', "[Errno 2] No such file or directory: 'models/x.safetensors'"],
    ['ModuleNotFoundError', "No module named 'insightface'"],
    ['safetensors_rust.SafetensorError', 'Error while deserializing header: HeaderTooLarge'],
  ])("the worker's: %s %s", (exceptionType, message) => {
    expect(isWorkersFault({ exceptionType, message, nodeId: null, nodeType: null, traceback: [] })).toBe(
      true,
    );
  });

  it.each([
    ['RuntimeError', 'mat1 and mat2 shapes cannot be multiplied (77x768 and 2048x640)'],
    ['ValueError', 'Prompt is empty'],
    ['KeyError', "'samples'"],
    [null, ''],
  ])("the workflow's: %s %s", (exceptionType, message) => {
    expect(isWorkersFault({ exceptionType, message, nodeId: null, nodeType: null, traceback: [] })).toBe(
      false,
    );
  });
});
