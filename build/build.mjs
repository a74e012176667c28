// Builds dist/: the Node and Electron entries as CommonJS bundles, and the renderer as a static page.
// `node build/build.mjs [--node] [--renderer] [--only=NAME,NAME]`; without a flag everything. ENSEMBLE_DIST names another dist/.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const require = createRequire(import.meta.url);
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const dist = path.resolve(process.env.ENSEMBLE_DIST ?? path.join(root, 'dist'));

/** dist file name → source. Everything but Electron itself and the native database is bundled. */
const ENTRIES = {
  main: 'electron/main.ts',
  preload: 'electron/preload.ts',
  headless: 'electron/headless.ts',
  cli: 'electron/cli.ts',
  guardian: 'electron/guardian.ts',
  simulator: 'electron/simulator/main.ts',
};

/** Found in node_modules when it runs: it chooses the binary for this system itself. */
const NATIVE = ['libsql'];

/** One bundle per entry: a sandboxed preload may not load a second file, and the others start faster without chunks. */
async function buildNode(only) {
  for (const [name, source] of Object.entries(ENTRIES)) {
    const entry = path.join(root, source);
    if (only !== null && !only.includes(name)) continue;
    if (existsSync(entry)) await buildEntry(name, entry, dist, ['electron']);
  }
}

/** @param {string} name @param {string} entry @param {string} outDir @param {string[]} external */
export async function buildEntry(name, entry, outDir, external) {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    define: { APP_VERSION: JSON.stringify(version) },
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: false,
      target: 'es2022',
      sourcemap: true,
      minify: false,
      rolldownOptions: {
        external: [...NATIVE, ...external],
        output: {
          format: 'cjs',
          entryFileNames: `${name}.cjs`,
          codeSplitting: false,
          paths: isInProject(outDir) ? {} : absoluteNative(),
        },
      },
    },
  });
}

/** Node looks for node_modules upwards from the bundle. */
function isInProject(folder) {
  const way = path.relative(root, folder);
  return way !== '..' && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way);
}

/** For a dist/ somewhere else (ENSEMBLE_DIST). */
function absoluteNative() {
  return Object.fromEntries(NATIVE.map((name) => [name, require.resolve(name)]));
}

async function buildRenderer() {
  if (!existsSync(path.join(root, 'renderer/index.html'))) return;
  const react = (await import('@vitejs/plugin-react')).default;
  await build({
    configFile: false,
    root: path.join(root, 'renderer'),
    base: './',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: path.join(dist, 'renderer'),
      emptyOutDir: true,
      target: 'chrome108',
      cssTarget: 'chrome108',
      sourcemap: true,
      // Small images must stay files: the page's CSP has no data: source.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}

/** @param {{ node: boolean, renderer: boolean, only: string[] | null }} parts `only` limits the Node entries */
export async function buildAll(parts = { node: true, renderer: true, only: null }) {
  if (parts.node) await buildNode(parts.only);
  if (parts.renderer) await buildRenderer();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length);
  const node = process.argv.includes('--node') || only !== undefined;
  const renderer = process.argv.includes('--renderer');
  const all = !node && !renderer;
  await buildAll({ node: all || node, renderer: all || renderer, only: only?.split(',') ?? null });
}
