import type { DeathCause } from '../../../shared/lifecycle.ts';

export interface Finding {
  readonly cause: DeathCause;
  readonly summary: string;
  readonly remedy: string | null;
}

interface Rule {
  readonly pattern: RegExp;
  /**
   * How far from the end the line may stand. An error that ends Python is among the very last lines; a custom node that
   * could not be imported prints the same words and the server starts all the same.
   */
  readonly within: number;
  readonly explain: (match: RegExpExecArray, port: number) => Finding;
}

/** Enough for a torch message of many lines, or a traceback's tail. */
const NEAR = 30;
const LAST_WORDS = 4;

function rule(
  pattern: RegExp,
  within: number,
  cause: DeathCause,
  summary: string | ((match: RegExpExecArray, port: number) => string),
  remedy: string,
): Rule {
  return {
    pattern,
    within,
    explain: (match, port) => ({
      cause,
      summary: typeof summary === 'string' ? summary : summary(match, port),
      remedy,
    }),
  };
}

const LESS_MEMORY = 'Use a smaller model, size or batch, or add --lowvram to the extra arguments.';
const NEW_DRIVER = 'Install the current NVIDIA driver and restart the machine.';
const FREE_DISK = 'Free some space on the disk that holds ComfyUI and its output.';

/** Most telling first: the first rule with a matching line wins. */
const RULES: readonly Rule[] = [
  rule(
    // 0.33.0 says it in a sentence; 0.3.64 dies with asyncio's OSError: 98 Linux, 48 macOS, 10048 Windows.
    /Port \d+ is already in use on address|\[(?:Errno|WinError) (?:98|48|10048)\]|address already in use|only one usage of each socket address/i,
    NEAR,
    'port-in-use',
    (_match, port) => `Another program took port ${port}.`,
    'End that program, or choose another port.',
  ),
  rule(
    /\[Errno 13\] error while attempting to bind|\[WinError 10013\]/,
    LAST_WORDS,
    'port-in-use',
    (_match, port) => `The system does not let it use port ${port}.`,
    'Choose a port above 1024 that Windows has not reserved.',
  ),
  rule(
    /\berror: (unrecognized arguments: .+|argument .+|expected .+|ambiguous option: .+)$/,
    LAST_WORDS,
    'bad-argument',
    (match) => `ComfyUI does not accept its arguments (${match[1] ?? ''}).`,
    'Change the extra arguments of this instance.',
  ),
  rule(
    /No space left on device|\[Errno 28\]|\[WinError 112\]|not enough space on the disk|database or disk is full|ENOSPC/i,
    NEAR,
    'disk-full',
    'The disk is full.',
    FREE_DISK,
  ),
  rule(
    /torch(?:\.cuda)?\.OutOfMemoryError|CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|HIP out of memory|Allocation on device .*would exceed|Allocation on device\s*$|cudaErrorMemoryAllocation|CUBLAS_STATUS_ALLOC_FAILED/,
    NEAR,
    'out-of-vram',
    'It ran out of GPU memory.',
    LESS_MEMORY,
  ),
  rule(
    /MPS backend out of memory/,
    NEAR,
    'out-of-vram',
    'It ran out of the memory that macOS lends to the GPU.',
    'Close other programs, or use a smaller model, size or batch.',
  ),
  rule(
    /DefaultCPUAllocator: (?:can't|not enough) |not enough memory: you tried to allocate|^(?:numpy.*)?MemoryError\b|_ArrayMemoryError|\[Errno 12\] Cannot allocate memory|\[WinError 1455\]|paging file is too small/i,
    NEAR,
    'out-of-ram',
    'It ran out of memory (RAM).',
    'Close other programs, run fewer servers on this machine, or make the page file larger.',
  ),
  rule(
    /Torch not compiled with CUDA enabled/,
    NEAR,
    'driver',
    'Its PyTorch is built without CUDA and cannot use a GPU.',
    'Install a PyTorch with CUDA into this ComfyUI’s Python, or choose CPU as the device.',
  ),
  rule(
    /The NVIDIA driver on your system is too old|CUDA driver version is insufficient for CUDA runtime version/,
    NEAR,
    'driver',
    'The NVIDIA driver is too old for its PyTorch.',
    NEW_DRIVER,
  ),
  rule(
    /Found no NVIDIA driver on your system/,
    NEAR,
    'driver',
    'It found no NVIDIA driver.',
    'Install the NVIDIA driver, or choose CPU as the device.',
  ),
  rule(
    /No CUDA GPUs are available|CUDA error: (?:no CUDA-capable device is detected|invalid device ordinal)|no NVIDIA GPU was detected/i,
    NEAR,
    'driver',
    'It sees no GPU at the device it was given.',
    'Look for the GPU in the GPU list, rescan, and choose a device that is there.',
  ),
  rule(
    /no kernel image is available for execution on the device/,
    NEAR,
    'driver',
    'Its PyTorch does not support this GPU.',
    'Install a PyTorch that is built for this generation of GPU.',
  ),
  rule(
    /CUDA error: (?:unspecified launch failure|an illegal memory access was encountered|unknown error|the launch timed out)|CUDNN_STATUS_(?:NOT_INITIALIZED|INTERNAL_ERROR)|GPU has fallen off the bus|CUDA unknown error/,
    NEAR,
    'driver',
    'The GPU or its driver failed.',
    'Restart the machine; if it happens again, update the driver and check heat and power of the GPU.',
  ),
  rule(
    /^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?/,
    LAST_WORDS,
    'missing-module',
    (match) => `Its Python lacks the module “${match[1] ?? ''}”.`,
    'Install the requirements of this ComfyUI into its Python: pip install -r requirements.txt.',
  ),
  rule(
    /^(?:ImportError|OSError): (.*(?:DLL load failed|cannot open shared object file|Library not loaded|\[WinError 126\]).*)$/,
    LAST_WORDS,
    'missing-module',
    'Its Python could not load a compiled library.',
    'Install the requirements of this ComfyUI again into the same Python.',
  ),
  rule(
    /can't open file .*main\.py|No module named (?:'?encodings'?|main)\b|Could not find platform independent libraries/,
    LAST_WORDS,
    'missing-module',
    'Its ComfyUI folder or its Python is damaged.',
    'Choose the ComfyUI folder again in the settings, or install it again.',
  ),
  rule(
    /database is locked/i,
    NEAR,
    'unknown',
    'Another ComfyUI uses its database.',
    'End the other ComfyUI, or remove --enable-assets from the extra arguments.',
  ),
];

/** What 0.33.0 puts before a line. */
const LEVEL_PREFIX = /^\[(DEBUG|INFO|WARNING|ERROR|CRITICAL)\] /;

/** @param lines oldest first; empty lines do not count */
export function findInLines(lines: readonly string[], port: number): Finding | null {
  const spoken = lines.map((line) => line.replace(LEVEL_PREFIX, '').trimEnd()).filter((line) => line !== '');
  for (const { pattern, within, explain } of RULES) {
    for (const line of spoken.slice(-within).reverse()) {
      const match = pattern.exec(line);
      if (match !== null) return explain(match, port);
    }
  }
  return null;
}
