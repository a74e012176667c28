import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { copyFile, link, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';

/** A new file that is being written. */
export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Until it is on the disk itself. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What the store needs of the file system, so that tests can let it fail. All reject with the system's own errors. */
export interface ArtifactFiles {
  /** EEXIST when there is one. */
  create(file: string): Promise<NewFile>;
  /** A second name; EEXIST when it is taken. */
  link(from: string, to: string): Promise<void>;
  /** Replaces what has this name. */
  rename(from: string, to: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  makeFolder(folder: string, recursive: boolean): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  realpath(file: string): Promise<string>;
  /** Bytes of a file; null when there is none or it is no file. */
  size(file: string): Promise<number | null>;
  sha256(file: string): Promise<string>;
  isFolder(path: string): Promise<boolean>;
  /** Makes names in it durable, where the system can. */
  syncFolder(folder: string): Promise<void>;
}

export const nodeFiles: ArtifactFiles = {
  create: createFile,
  link,
  rename,
  copy: async (from, to) => {
    await copyFile(from, to, constants.COPYFILE_EXCL);
    await syncPath(to, 'r+');
  },
  remove: (file) => rm(file, { force: true }),
  makeFolder: async (folder, recursive) => {
    await mkdir(folder, { recursive });
  },
  list: (folder) => readdir(folder),
  realpath: (file) => realpath(file),
  size: async (file) => {
    const info = await stat(file).catch(() => null);
    return info?.isFile() ? info.size : null;
  },
  sha256: async (file) => {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  },
  isFolder: async (path) => (await stat(path).catch(() => null))?.isDirectory() ?? false,
  // Windows and some file systems refuse; the content itself is safe either way.
  syncFolder: (folder) => syncPath(folder, 'r').catch(() => undefined),
};

async function createFile(file: string): Promise<NewFile> {
  const handle = await open(file, 'wx', 0o644);
  return {
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, at, bytes.length - at);
        at += bytesWritten;
      }
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

async function syncPath(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
