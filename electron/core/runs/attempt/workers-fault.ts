import type { ShardError } from '../../../../shared/runs.ts';

/**
 * Exceptions that say something about the worker, not about the workflow: no memory left, a model or module that is not
 * there or broken there, a GPU or driver that failed. Words of torch on CUDA, ROCm, MPS, XPU and CPU, DirectML, numpy and Python.
 */

const TYPES =
  /(?:^|\.)(?:OutOfMemoryError|MemoryError|_ArrayMemoryError|ModuleNotFoundError|ImportError|FileNotFoundError|SafetensorError|AcceleratorError)$/;

const WORDS: readonly RegExp[] = [
  /out of memory/i,
  /Allocation on device/,
  /not enough (?:GPU video )?memory/i,
  /can't allocate memory|unable to allocate|cannot allocate memory|bad_alloc/i,
  /ALLOC_FAILED|paging file is too small/i,
  /(?:CUDA|HIP|XPU) error|CUDNN_STATUS|cuDNN error|CUBLAS_STATUS|hipErrorNoBinaryForGpu/,
  /no kernel image is available|not compiled with CUDA|no NVIDIA driver/i,
  /No such file or directory/,
  /HeaderTooLarge|HeaderTooSmall|MetadataIncompleteBuffer|InvalidHeader/,
];

export function isWorkersFault({ exceptionType, message }: ShardError): boolean {
  return TYPES.test(exceptionType ?? '') || WORDS.some((words) => words.test(message));
}
