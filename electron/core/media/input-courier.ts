import type { InstanceId } from '../../../shared/model.ts';
import type { ComfyHttp } from '../comfy/http.ts';
import type { ComfyFile } from '../comfy/outputs.ts';
import type { ApiPrompt } from '../comfy/prompt.ts';
import type { NodeCatalog } from '../graph/catalog.ts';
import type { Clock } from '../ports.ts';
import { checkedSource } from './checked-source.ts';
import { courierFailure } from './courier-failure.ts';
import { type InputLibrary, type LocatedFile, missingFailure } from './input-library.ts';
import { type InputFile, inputsOf, withNames } from './inputs-of.ts';
import { linkedAbort } from './linked-abort.ts';
import { ownFolder, ownName } from './own-names.ts';
import { RecentMap } from './recent-map.ts';
import { Semaphore } from './semaphore.ts';
import { SharedFolder } from './shared-folder.ts';
import { SharedWork, type Waiter } from './shared-work.ts';
import { TransferMeter } from './transfer-meter.ts';

export interface CourierServer {
  readonly id: InstanceId;
  /** For messages. */
  readonly name: string;
  readonly http: Pick<ComfyHttp, 'stat' | 'upload'>;
  /** It reads the master's input folder itself. */
  readonly sharesInput: boolean;
  /** It reads the master's output and temp folders itself: it is the master. */
  readonly sharesOutput: boolean;
  readonly pathSeparator: '/' | '\\';
  /** What its node classes are, where it is known. */
  readonly catalog?: NodeCatalog | undefined;
}

export interface InputProgress {
  /** As the workflow names the file. */
  readonly file: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
}

export interface CourierDeps {
  readonly clock: Clock;
  /** Bytes that were sent to a server within so many seconds: how fast its line is. */
  readonly onSent: (id: InstanceId, bytes: number, seconds: number) => void;
}

/** One life of one server: what is known to be there, and what is under way. */
interface Depot {
  readonly http: CourierServer['http'];
  readonly present: RecentMap<ComfyFile>;
  readonly uploads: SharedWork<ComfyFile>;
  readonly slots: Semaphore;
}

/** Two keep a line full; more would only make each one later. */
const UPLOADS_AT_ONCE = 2;
const REMEMBERED = 10_000;

/** Brings the files that a prompt loads to the server that will run it: each file once to each server. */
export class InputCourier {
  readonly #depots = new Map<InstanceId, Depot>();
  readonly #shared: SharedFolder;

  constructor(
    private readonly library: InputLibrary,
    private readonly deps: CourierDeps,
  ) {
    this.#shared = new SharedFolder(library.folders.input);
  }

  /**
   * @returns the prompt with its files named as this server has them; the same object when nothing had to change
   * @throws EnsembleError 'not-found' (missing at the master, with the nodes in `problems`), 'bad-argument' (a name that
   *   leads out of the folders), or what went wrong on the way, naming file and server; the signal's reason when it aborts
   */
  async ensure(
    prompt: ApiPrompt,
    server: CourierServer,
    signal?: AbortSignal,
    onProgress?: (progress: InputProgress) => void,
  ): Promise<ApiPrompt> {
    const inputs = inputsOf(prompt, server.catalog);
    if (inputs.length === 0) return prompt;
    const located = await this.#locate(prompt, inputs);
    const names = new Map<InputFile, string>();
    const own = linkedAbort(signal);
    try {
      await Promise.all(
        located.map(async ([input, file]) => {
          const tell = (sentBytes: number): void =>
            onProgress?.({ file: input.raw, sentBytes, totalBytes: file.bytes });
          const name = await this.#bring(input, file, server, { signal: own.signal, onProgress: tell });
          if (name !== input.raw) names.set(input, name);
        }),
      );
    } finally {
      // One failed: nobody needs the others.
      own.abort(new Error('another file failed'));
      own.close();
    }
    return names.size === 0 ? prompt : withNames(prompt, names);
  }

  /** The server restarted or was replaced: whatever it had may be gone. */
  forget(id: InstanceId): void {
    this.#depots.delete(id);
  }

  async #locate(
    prompt: ApiPrompt,
    inputs: readonly InputFile[],
  ): Promise<readonly (readonly [InputFile, LocatedFile])[]> {
    const found = await Promise.all(
      inputs.map(async (input) => {
        const finding = this.library.find(input);
        return { input, file: await (input.sure ? finding : finding.catch(() => null)) };
      }),
    );
    const missing = found.filter(({ input, file }) => file === null && input.sure);
    if (missing.length > 0)
      throw missingFailure(
        prompt,
        missing.map(({ input }) => input),
      );
    return found.flatMap(({ input, file }) => (file === null ? [] : [[input, file] as const]));
  }

  /** @returns what the prompt has to say */
  async #bring(input: InputFile, file: LocatedFile, server: CourierServer, waiter: Waiter): Promise<string> {
    const there = input.type === 'input' ? server.sharesInput : server.sharesOutput;
    if (there) return input.raw.replace(/[/\\]/g, server.pathSeparator);
    try {
      const digest = await this.library.digest(file, waiter.signal);
      const target = {
        filename: ownName(digest, input.name),
        subfolder: ownFolder(input),
        type: 'input',
      } as const;
      const placed = server.sharesInput
        ? await this.#shared.place(file, target, waiter.signal)
        : await this.#send(file, digest, target, server, waiter);
      return literalOf(placed, server.pathSeparator);
    } catch (error) {
      if (waiter.signal?.aborted) throw error;
      throw courierFailure(input.raw, server.name, error);
    }
  }

  async #send(
    file: LocatedFile,
    digest: string,
    target: ComfyFile & { readonly type: 'input' },
    server: CourierServer,
    waiter: Waiter,
  ): Promise<ComfyFile> {
    const depot = this.#depotOf(server);
    const key = `${target.subfolder}/${target.filename}`;
    const known = depot.present.get(key);
    if (known !== undefined) return known;
    const work = (signal: AbortSignal, onProgress: (sent: number) => void): Promise<ComfyFile> =>
      depot.slots.run(async () => {
        signal.throwIfAborted();
        const there = await depot.http.stat(target, signal);
        const placed =
          there?.bytes === file.bytes
            ? target
            : await this.#upload(file, digest, target, server, { signal, onProgress });
        depot.present.set(key, placed);
        return placed;
      });
    return depot.uploads.join(key, work, waiter);
  }

  async #upload(
    { path, bytes }: LocatedFile,
    digest: string,
    { filename: name, ...rest }: ComfyFile & { readonly type: 'input' },
    { id, http }: CourierServer,
    { signal, onProgress }: Waiter,
  ): Promise<ComfyFile> {
    const { clock, onSent } = this.deps;
    const meter = new TransferMeter(clock, (sent, seconds) => onSent(id, sent, seconds));
    const tell = (sent: number): void => {
      meter.moved(sent);
      onProgress?.(sent);
    };
    const source = () => checkedSource(path, digest);
    const upload = { source, bytes, name, ...rest, overwrite: true };
    const placed = await http.upload(upload, { signal, onProgress: tell });
    meter.end();
    return placed;
  }

  #depotOf({ id, http }: CourierServer): Depot {
    const known = this.#depots.get(id);
    if (known?.http === http) return known;
    const depot: Depot = {
      http,
      present: new RecentMap(REMEMBERED),
      uploads: new SharedWork(),
      slots: new Semaphore(UPLOADS_AT_ONCE),
    };
    this.#depots.set(id, depot);
    return depot;
  }
}

function literalOf({ subfolder, filename }: ComfyFile, separator: string): string {
  return [...subfolder.split(/[/\\]/).filter((part) => part !== ''), filename].join(separator);
}
