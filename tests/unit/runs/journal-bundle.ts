import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'vite';

/** Bundles a test's child program as dist/ entries are: the native module stays outside. */
export async function bundleChild(source: string, directory: string): Promise<string> {
  const name = path.basename(source, '.ts');
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
      rolldownOptions: {
        external: ['libsql'],
        output: { format: 'cjs', entryFileNames: `${name}.cjs`, codeSplitting: false },
      },
    },
  });
  return path.join(directory, `${name}.cjs`);
}

/** Its stdout can be read; it finds the native module though it lies elsewhere. */
export function startChild(
  program: string,
  args: readonly string[],
): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_PATH: path.resolve('node_modules') },
  });
  return child as typeof child & { readonly stdout: NodeJS.ReadableStream };
}
