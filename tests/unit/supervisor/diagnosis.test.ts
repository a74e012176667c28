import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnose, type Evidence } from '../../../electron/core/supervisor/diagnosis.ts';
import type { DeathCause } from '../../../shared/lifecycle.ts';

const BASE: Evidence = {
  exitCode: 1,
  signal: null,
  lines: [],
  memoryPeak: 0.4,
  wasReady: true,
  verdict: null,
  port: 8189,
  at: 0,
};

const LINES: readonly [DeathCause, string][] = [
  [
    'out-of-vram',
    'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 23.99 GiB',
  ],
  [
    'out-of-vram',
    'torch.cuda.OutOfMemoryError: Allocation on device 0 would exceed allowed memory. (out of memory)',
  ],
  ['out-of-vram', 'RuntimeError: CUDA error: out of memory'],
  ['out-of-vram', 'RuntimeError: MPS backend out of memory (MPS allocated: 17.04 GB)'],
  ['driver', 'AssertionError: Torch not compiled with CUDA enabled'],
  ['driver', 'RuntimeError: The NVIDIA driver on your system is too old (found version 11040).'],
  ['driver', 'RuntimeError: Found no NVIDIA driver on your system.'],
  ['driver', 'RuntimeError: No CUDA GPUs are available'],
  ['missing-module', "ModuleNotFoundError: No module named 'torchsde'"],
  ['bad-argument', 'main.py: error: unrecognized arguments: --lowvrm'],
  [
    'port-in-use',
    "OSError: [Errno 98] error while attempting to bind on address ('127.0.0.1', 8189): address already in use",
  ],
  [
    'port-in-use',
    "OSError: [Errno 48] error while attempting to bind on address ('127.0.0.1', 8189): address already in use",
  ],
  [
    'port-in-use',
    "OSError: [Errno 10048] error while attempting to bind on address ('127.0.0.1', 8189): only one usage of each socket address (protocol/network address/port) is normally permitted",
  ],
  [
    'port-in-use',
    '[ERROR] Port 8189 is already in use on address 127.0.0.1. Please close the other application or use a different port with --port.',
  ],
  ['disk-full', 'OSError: [Errno 28] No space left on device'],
  [
    'out-of-ram',
    'RuntimeError: [enforce fail at alloc_cpu.cpp:114] data. DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes.',
  ],
  ['out-of-ram', 'OSError: [WinError 1455] The paging file is too small for this operation to complete'],
];

describe('the cause of death', () => {
  it.each(LINES)('%s: %s', (cause, line) => {
    expect(diagnose({ ...BASE, lines: ['something before', line, ''] }).cause).toBe(cause);
  });

  it.each([
    ['out-of-ram', { exitCode: null, signal: 'SIGKILL', memoryPeak: 0.97 }],
    ['killed', { exitCode: null, signal: 'SIGKILL' }],
    ['killed', { exitCode: 143 }],
    ['out-of-ram', { exitCode: 137, memoryPeak: 0.95 }],
    ['clean-exit', { exitCode: 0 }],
    ['unknown', { exitCode: null, signal: 'SIGSEGV' }],
    ['unknown', { exitCode: 3221225477 }],
    ['unknown', { exitCode: -1073741819 }],
    ['missing-module', { exitCode: 0xc0000135 }],
    [
      'hang',
      { signal: 'SIGKILL', exitCode: null, memoryPeak: 0.99, verdict: { kind: 'hang', seconds: 180 } },
    ],
    ['spawn-failed', { exitCode: null, verdict: { kind: 'spawn-failed', message: 'ENOENT' } }],
    [
      'disk-full',
      {
        exitCode: null,
        verdict: { kind: 'spawn-failed', message: 'ENOSPC: no space left on device, mkdir' },
      },
    ],
  ] as const)('%s from %o', (cause, change) => {
    expect(diagnose({ ...BASE, ...change }).cause).toBe(cause);
  });

  it('does not blame a custom node that failed to import long before', () => {
    const lines = [
      "ModuleNotFoundError: No module named 'comfy_angle'",
      ...Array.from({ length: 10 }, (_, i) => `line ${i}`),
    ];
    expect(diagnose({ ...BASE, lines }).cause).toBe('unknown');
  });

  it('always gives one report with at most twenty lines', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.option(fc.integer()),
        fc.option(fc.string()),
        (lines, exitCode, signal) => {
          const report = diagnose({ ...BASE, lines, exitCode, signal });
          expect(report.summary).not.toBe('');
          expect(report.lastLines.length).toBeLessThanOrEqual(20);
        },
      ),
    );
  });
});
