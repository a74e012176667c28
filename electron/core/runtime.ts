import path from 'node:path';

/** Our own Node programs that run as children: out of dist/, or out of the packaged app. */
export type Entry = 'guardian' | 'simulator' | 'headless';

/** How to run them from wherever we are. */
export interface Runtime {
  /** argv that starts an entry; its own arguments follow. */
  command(entry: Entry): readonly string[];
  /** Variables that the child needs on top of its environment. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * @param execPath this process's executable: Node, or Electron (which acts as Node when ELECTRON_RUN_AS_NODE is set)
 * @param directory the folder of the built entries
 */
export function createRuntime(execPath: string, directory: string, insideElectron: boolean): Runtime {
  return {
    command: (entry) => [execPath, path.join(directory, `${entry}.cjs`)],
    environment: insideElectron ? { ELECTRON_RUN_AS_NODE: '1' } : {},
  };
}
