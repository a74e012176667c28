import type { LogLevel } from '../../../shared/logs.ts';

/** Our own lines in a server's log start with this. */
export const OWN_PREFIX = '[Comfy Ensemble]';

const OWN_LEVELS: readonly LogLevel[] = ['debug', 'warning', 'error'];

export function ownLine(text: string, level: LogLevel): string {
  return level === 'info' ? `${OWN_PREFIX} ${text}` : `${OWN_PREFIX} ${level.toUpperCase()}: ${text}`;
}

/** Nearly every line has none of these words and is done after one look. */
const SUSPICIOUS = /err|warn|exception|traceback|debug|critical|fatal|fail|cannot import/i;

const ERRORS =
  /^\s*(?:\[?(?:error|critical|fatal)\]?\b|!!! )|\[(?:error|critical|fatal)\]|\b(?:ERROR|CRITICAL|FATAL)\b|^[\w.]*(?:Error|Exception|Interrupt)(?::|$)|: error: |error occurred when executing|\(IMPORT FAILED\)|cannot import |exception during processing|failed to validate prompt|fatal error/i;
const WARNINGS = /\bwarn(?:ing)?\b|Warning:/i;
const DEBUG = /^\s*\[?debug\]?\b|\[debug\]/i;

/** What Python prints between two tracebacks of one chain. */
const CHAINED =
  /^(?:During handling of the above exception, another exception occurred|The above exception was the direct cause of the following exception)/;

/**
 * Levels of the lines of ComfyUI, torch and Python, which mostly name none. A traceback is an error from its first line
 * to the exception that ends it, chained ones included.
 */
export class LevelGuesser {
  #inTraceback = false;
  #afterTraceback = false;

  guess(text: string): LogLevel {
    if (text.startsWith(OWN_PREFIX)) return this.#ours(text);
    if (/Traceback \(most recent call last\):/.test(text)) {
      this.#inTraceback = true;
      return 'error';
    }
    if (this.#inTraceback) {
      // Python indents frames (3.11's group markers too); the first line that is not ends the block: the exception.
      this.#inTraceback = text === '' || /^[\s|+]/.test(text);
      this.#afterTraceback = !this.#inTraceback;
      return 'error';
    }
    if (this.#afterTraceback) {
      if (text.trim() === '' || CHAINED.test(text)) return 'error';
      this.#afterTraceback = false;
    }
    return guessAlone(text);
  }

  #ours(text: string): LogLevel {
    this.#inTraceback = false;
    this.#afterTraceback = false;
    const word = /^ (DEBUG|WARNING|ERROR): /.exec(text.slice(OWN_PREFIX.length))?.[1];
    return OWN_LEVELS.find((level) => level.toUpperCase() === word) ?? 'info';
  }
}

function guessAlone(text: string): LogLevel {
  if (!SUSPICIOUS.test(text)) return 'info';
  if (WARNINGS.test(text) && !/^\s*\[?error\b/i.test(text)) return 'warning';
  if (ERRORS.test(text)) return 'error';
  return DEBUG.test(text) ? 'debug' : 'info';
}
