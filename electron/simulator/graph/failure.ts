import { PythonError } from './python-text.ts';

/** How an exception of a node reads in execution_error and on the log. */
export function describeFailure(error: unknown): { readonly message: string; readonly type: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { message, type: error instanceof PythonError ? error.type : 'RuntimeError' };
}
