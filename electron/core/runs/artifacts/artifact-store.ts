import path from 'node:path';
import { messageOf } from '../../../../shared/errors.ts';
import type { Artifact } from '../../../../shared/runs.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Journal, OutputKey, PlacingArtifact } from '../records.ts';
import { type ByteStream, discard } from './byte-stream.ts';
import { Counters } from './counters.ts';
import type { ArtifactFiles } from './files.ts';
import { openFolder } from './folders.ts';
import { typeOf } from './kinds.ts';
import { baseOf, expandPrefix, extensionOf, numberedName, safeName } from './names.ts';
import { place } from './place.ts';
import { type Received, receive, type Sender } from './receive.ts';
import { INCOMING, type Recovery, recover } from './recover.ts';
import { storageError } from './storage-errors.ts';

/** A finished file that a worker offers, and what is known about it. */
export interface KeepRequest
  extends Sender,
    Pick<
      PlacingArtifact,
      | 'runId'
      | 'runName'
      | 'stage'
      | 'shard'
      | 'seed'
      | 'nodeId'
      | 'node'
      | 'preview'
      | 'instanceId'
      | 'seconds'
      | 'outputKey'
    > {
  /** The user's filename_prefix; null when the worker's own name is to be kept. */
  readonly prefix: string | null;
}

export interface ArtifactFolders {
  readonly output: string;
  readonly previews: string;
}

export interface ArtifactStoreDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly files: ArtifactFiles;
  /** Asked for every file: the user may change them. */
  readonly folders: () => ArtifactFolders;
  /** A fresh UUID. */
  readonly newId: () => string;
}

/** Where a file on its way home is bound. */
interface Target {
  readonly path: string;
  readonly name: string;
}

/**
 * Brings results home: each exactly once, byte for byte, under a name that nobody has. A file is written aside, noted in the
 * journal, given its name, and noted again; wherever a crash comes in between, `recover` finishes or undoes it.
 */
export class ArtifactStore {
  readonly #counters: Counters;
  /** Outputs that are getting their names: whether they succeed decides what becomes of a second copy. */
  readonly #placing = new Map<string, Promise<void>>();
  /** At home under their names, though the journal could not take the last word on them. */
  readonly #untold = new Map<string, Pick<PlacingArtifact, 'id' | 'temporary'>>();

  constructor(private readonly deps: ArtifactStoreDeps) {
    this.#counters = new Counters(deps.files);
  }

  /**
   * @returns null when this output is here already; the stream is then let go of
   * @throws EnsembleError('disconnected' | 'unavailable') when the worker's file is cut off or not what it claims to be,
   *   EnsembleError('disk-full' | 'internal') when it cannot be kept here; what the stream throws and the signal's reason
   *   as they are. Nothing is kept then.
   */
  async keep(request: KeepRequest, stream: ByteStream, signal?: AbortSignal): Promise<Artifact | null> {
    const { files } = this.deps;
    try {
      if (await this.#isHome(request)) {
        discard(stream);
        return await this.#tell(request);
      }
      const root = this.#root(request);
      const id = this.deps.newId();
      const temporary = path.join(root, INCOMING, `${id}.part`);
      await this.#onOurDisk(root, files.makeFolder(path.dirname(temporary), true));
      const received = await receive(request, stream, temporary, files, signal);
      return await this.#settle(request, received, { id, temporary, root });
    } catch (error) {
      discard(stream);
      throw error;
    }
  }

  /** Finishes or undoes what a crash has left. Once, before the first `keep`. */
  recover(): Promise<Recovery> {
    const { output, previews } = this.deps.folders();
    return recover([output, previews], { ...this.deps, counters: this.#counters });
  }

  /** For the file server; null when there is no such artifact. */
  file(artifactId: string): { readonly path: string; readonly mime: string; readonly name: string } | null {
    const artifact = this.deps.journal.artifact(artifactId);
    if (artifact === null) return null;
    const { mime } = typeOf(extensionOf(artifact.path));
    return { path: artifact.path, mime, name: path.basename(artifact.path) };
  }

  /** Journals the file and gives it its name; removes it when it cannot be kept. */
  async #settle(
    request: KeepRequest,
    received: Received,
    { id, temporary, root }: { readonly id: string; readonly temporary: string; readonly root: string },
  ): Promise<Artifact | null> {
    const { journal, files } = this.deps;
    const removeAside = (): Promise<void> => files.remove(temporary).catch(() => undefined);
    try {
      const target = await this.#onOurDisk(root, this.#target(request, received, root));
      const artifact = artifactOf(request, received, { ...target, id, temporary, at: this.deps.clock.now() });
      while (!journal.beginPlacing(artifact)) {
        if (await this.#isHome(request)) {
          await received.durable.catch(() => undefined);
          await removeAside();
          return null;
        }
      }
      await this.#whilePlacing(request, () => this.#place(artifact, received, root));
    } catch (error) {
      await received.durable.catch(() => undefined);
      await removeAside();
      throw error;
    }
    // From here on it is home: should this fail, the next copy of it says so, or recovery on the next start.
    this.#untold.set(nameOf(request), { id, temporary });
    return this.#tell(request);
  }

  /** @returns what the journal did not know to be at home, null where it knew */
  async #tell(key: OutputKey): Promise<Artifact | null> {
    const { journal, files } = this.deps;
    const untold = this.#untold.get(nameOf(key));
    if (untold === undefined) return null;
    journal.endPlacing(untold.id);
    this.#untold.delete(nameOf(key));
    await files.remove(untold.temporary).catch(() => undefined);
    return journal.artifact(untold.id);
  }

  /** Waits for a copy that is just being placed: it may still fail. */
  async #isHome(key: OutputKey): Promise<boolean> {
    while (this.deps.journal.hasOutput(key)) {
      const placing = this.#placing.get(nameOf(key));
      if (placing === undefined) return true;
      await placing;
    }
    return false;
  }

  async #whilePlacing(key: OutputKey, work: () => Promise<void>): Promise<void> {
    const placing = work();
    const settled = placing.catch(() => undefined).finally(() => this.#placing.delete(nameOf(key)));
    this.#placing.set(nameOf(key), settled);
    await placing;
  }

  async #place(artifact: PlacingArtifact, { durable }: Received, root: string): Promise<void> {
    const { journal, files, logger } = this.deps;
    try {
      // The disk has been writing the content while the journal wrote its line: recovery trusts neither without the other.
      await durable;
      const onMove = (to: string, name: string): void => journal.movePlacing(artifact.id, to, name);
      await this.#onOurDisk(root, place(artifact, { files, counters: this.#counters, onMove }));
    } catch (error) {
      try {
        journal.dropPlacing(artifact.id);
      } catch (failure) {
        logger.warn('A result that could not be kept is still noted', { reason: messageOf(failure) });
      }
      throw error;
    }
  }

  async #target(request: KeepRequest, { picture }: Received, root: string): Promise<Target> {
    const { files, clock } = this.deps;
    const facts = {
      width: picture?.size?.width ?? null,
      height: picture?.size?.height ?? null,
      at: clock.now(),
    };
    const wanted = request.prefix === null ? baseOf(request.sourceName) : expandPrefix(request.prefix, facts);
    const folder = await openFolder(root, safeName(wanted), files);
    const counter = await this.#counters.next(folder.path, folder.base);
    const file = numberedName(folder.base, counter, extensionOf(request.sourceName));
    return { path: path.join(folder.path, file), name: [...folder.folders, file].join('/') };
  }

  #root({ preview }: KeepRequest): string {
    const { output, previews } = this.deps.folders();
    return preview ? previews : output;
  }

  async #onOurDisk<T>(root: string, work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw storageError(error, root);
    }
  }
}

function nameOf({ runId, stage, shard, outputKey }: OutputKey): string {
  return JSON.stringify([runId, stage, shard, outputKey]);
}

function artifactOf(
  request: KeepRequest,
  { bytes, sha256, picture }: Received,
  place: Target & Pick<PlacingArtifact, 'id' | 'temporary' | 'at'>,
): PlacingArtifact {
  const { prefix: _, sourceName, expectedBytes: __, ...provenance } = request;
  const extension = extensionOf(sourceName);
  return {
    ...provenance,
    ...place,
    kind: typeOf(extension).kind,
    bytes,
    width: picture?.size?.width ?? null,
    height: picture?.size?.height ?? null,
    url: `/files/artifacts/${place.id}${extension === '' ? '' : `.${extension}`}`,
    sha256,
  };
}
