import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { ArtifactStore, type KeepRequest } from '../../../electron/core/runs/artifacts/artifact-store.ts';
import { type ArtifactFiles, nodeFiles } from '../../../electron/core/runs/artifacts/files.ts';
import { openJournal } from '../../../electron/core/runs/journal/journal.ts';
import type { Journal } from '../../../electron/core/runs/records.ts';
import type { Artifact } from '../../../shared/runs.ts';
import { pieces, request } from './artifacts-content.ts';
import { png } from './artifacts-samples.ts';

export const PICTURE = png(40, 30);

/** A store with a journal and folders of its own. */
export class Workshop {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'artifacts-'));
  readonly output = path.join(this.folder, 'output');
  readonly previews = path.join(this.folder, 'previews');
  journal: Journal;
  store: ArtifactStore;
  #ids = 0;

  constructor(files: Partial<ArtifactFiles> = {}) {
    mkdirSync(this.output);
    this.journal = this.#openJournal();
    this.store = this.storeWith(files);
  }

  storeWith(files: Partial<ArtifactFiles>): ArtifactStore {
    return new ArtifactStore({
      journal: this.journal,
      clock: systemClock,
      logger: silentLogger,
      files: { ...nodeFiles, ...files },
      folders: () => ({ output: this.output, previews: this.previews }),
      newId: () => `id-${process.pid}-${this.#ids++}`,
    });
  }

  /** As after a crash: another life on the same folders. */
  restart(): void {
    this.journal.close();
    this.journal = this.#openJournal();
    this.store = this.storeWith({});
  }

  keep(change: Partial<KeepRequest> = {}, bytes: Uint8Array = PICTURE): Promise<Artifact | null> {
    return this.store.keep(request(change), Readable.from(pieces(bytes)));
  }

  /** Files below the output folder with "/", sorted. */
  files(root: string = this.output): readonly string[] {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
      .sort();
  }

  read(name: string): Buffer {
    return readFileSync(path.join(this.output, name));
  }

  close(): void {
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openJournal(): Journal {
    return openJournal(path.join(this.folder, 'runs.db'), { clock: systemClock, logger: silentLogger });
  }
}
