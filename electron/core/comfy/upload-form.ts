import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { EnsembleError } from '../../../shared/errors.ts';
import { changedFailure, unreadableFailure } from './transfer-failures.ts';

export interface Upload {
  /** Opens the content; called once, and always destroyed. */
  readonly source: () => Readable;
  /** Exactly what `source` gives. */
  readonly bytes: number;
  readonly name: string;
  /** With "/" between its folders; "" for the folder itself. */
  readonly subfolder: string;
  readonly type: 'input';
  /** false: the server keeps other bytes of that name, and takes these under another one. */
  readonly overwrite: boolean;
}

/** The form, made while it is read: never more than a piece of it in memory. */
export class FormBody {
  readonly boundary = `----ensemble-${randomUUID()}`;
  readonly length: number;
  /** What went wrong on our side; the HTTP client would only say that its body broke. */
  failure: EnsembleError | null = null;
  begun = false;
  sentWhole = false;
  readonly #head: Buffer;
  readonly #tail: Buffer;
  #body: Readable | null = null;
  #source: Readable | null = null;

  constructor(
    private readonly upload: Upload,
    private readonly onSent: (sentBytes: number) => void,
  ) {
    const { name, subfolder, type, overwrite } = upload;
    const fields = { type, subfolder, ...(overwrite ? { overwrite: 'true' } : {}) };
    const parts = Object.entries(fields).map(
      ([key, value]) => `${this.#disposition(key)}\r\n\r\n${value}\r\n`,
    );
    const file = `${this.#disposition('image')}; filename="${quoted(name)}"\r\n`;
    this.#head = Buffer.from(`${parts.join('')}${file}Content-Type: application/octet-stream\r\n\r\n`);
    this.#tail = Buffer.from(`\r\n--${this.boundary}--\r\n`);
    this.length = this.#head.length + upload.bytes + this.#tail.length;
  }

  open(): Readable {
    this.#body = Readable.from(this.#pieces(), { objectMode: false, highWaterMark: 64 * 1024 });
    this.#body.on('error', () => {});
    return this.#body;
  }

  close(): void {
    this.#body?.destroy();
    // A source that gives nothing would keep the body waiting.
    this.#source?.destroy();
  }

  async *#pieces(): AsyncGenerator<Buffer> {
    yield this.#head;
    this.begun = true;
    yield* this.#content();
    this.sentWhole = true;
    yield this.#tail;
  }

  async *#content(): AsyncGenerator<Buffer> {
    const { bytes, name } = this.upload;
    let sent = 0;
    for await (const chunk of this.#open()) {
      sent += chunk.length;
      if (sent > bytes) throw this.#fail(changedFailure(name));
      yield chunk;
      this.onSent(sent);
    }
    if (sent < bytes) throw this.#fail(changedFailure(name));
  }

  #open(): Readable {
    try {
      this.#source = this.upload.source();
    } catch (error) {
      throw this.#fail(unreadableFailure(this.upload.name, error));
    }
    // Listened for, not caught: what breaks the connection is thrown into the generator as well.
    return this.#source.on('error', (error) => {
      // So ends a source that is left before its end.
      if (error.name === 'AbortError') return;
      this.#fail(error instanceof EnsembleError ? error : unreadableFailure(this.upload.name, error));
    });
  }

  #fail(failure: EnsembleError): EnsembleError {
    this.failure ??= failure;
    return this.failure;
  }

  #disposition(field: string): string {
    return `--${this.boundary}\r\nContent-Disposition: form-data; name="${field}"`;
  }
}

/** As browsers write it. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
