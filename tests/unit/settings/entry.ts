import path from 'node:path';
import { build } from 'vite';

/** Bundles a test's child program, as dist/ entries are, so that a real process can run it. */
export async function bundleEntry(source: string, directory: string): Promise<string> {
  await build({
    configFile: false,
    root: process.cwd(),
    logLevel: 'silent',
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: path.resolve(source),
      outDir: directory,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { output: { format: 'cjs', entryFileNames: 'child.cjs', codeSplitting: false } },
    },
  });
  return path.join(directory, 'child.cjs');
}
