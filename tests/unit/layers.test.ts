import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** The import rule of the whole project: shared ← core ← transports ← shell, shared ← renderer. */
const LAYERS = [
  { folder: 'shared', mayImport: ['shared'], electron: false, node: false },
  { folder: 'electron/core', mayImport: ['electron/core', 'shared'], electron: false, node: true },
  { folder: 'electron/simulator', mayImport: ['electron/simulator', 'shared'], electron: false, node: true },
  {
    folder: 'electron/transports',
    mayImport: ['electron/transports', 'electron/core', 'shared'],
    electron: false,
    node: true,
  },
  { folder: 'electron/cli', mayImport: ['electron', 'shared'], electron: false, node: true },
  {
    folder: 'electron/shell',
    mayImport: ['electron', 'shared', 'build/resources'],
    electron: true,
    node: true,
  },
  { folder: 'electron', mayImport: ['electron', 'shared'], electron: false, node: true },
  { folder: 'renderer', mayImport: ['renderer', 'shared'], electron: false, node: false },
] as const;

/** The files outside shell/ that are Electron's own. */
const ELECTRON_FILES = ['electron/main.ts', 'electron/preload.ts', 'electron/transports/ipc-server.ts'];

/** The runtime validators need zod; everything else in shared/ has no dependency at all. */
const PACKAGES_IN_SHARED = ['zod'];

interface Import {
  readonly file: string;
  readonly target: string;
}

function sourcesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => path.posix.join(folder, name.replaceAll('\\', '/')));
}

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(file, 'utf8');
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s+['"]([^'"]+)['"]/g;
  return [...text.matchAll(pattern)].map((match) => ({
    file,
    target: match[1] ?? match[2] ?? match[3] ?? '',
  }));
}

/** Why this import breaks the rule, or null. */
function violation({ file, target }: Import): string | null {
  const layer = LAYERS.find(({ folder }) => file.startsWith(`${folder}/`));
  if (layer === undefined) return null;
  if (target.startsWith('.')) {
    const resolved = path.posix.join(path.posix.dirname(file), target);
    const allowed = layer.mayImport.some((folder) => resolved.startsWith(`${folder}/`));
    return allowed ? null : `${file} imports ${resolved}`;
  }
  const isElectron = target === 'electron' || target.startsWith('electron/');
  if (isElectron && !layer.electron && !ELECTRON_FILES.includes(file)) return `${file} imports electron`;
  if (target.startsWith('node:') && !layer.node) return `${file} imports ${target}`;
  if (layer.folder === 'shared' && !PACKAGES_IN_SHARED.includes(target)) return `${file} imports ${target}`;
  return null;
}

describe('layers', () => {
  it('import in one direction only', () => {
    const files = ['shared', 'electron', 'renderer'].flatMap(sourcesIn);
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap(importsOf).flatMap((each) => violation(each) ?? [])).toEqual([]);
  });

  it('are guarded: a forbidden import is seen', () => {
    expect(violation({ file: 'shared/model.ts', target: 'node:fs' })).toContain('node:fs');
    expect(violation({ file: 'shared/model.ts', target: '../electron/core/ports.ts' })).toContain('ports.ts');
    expect(violation({ file: 'electron/core/ports.ts', target: 'electron' })).toContain('electron');
    expect(violation({ file: 'electron/core/a.ts', target: '../transports/dispatcher.ts' })).not.toBeNull();
    expect(violation({ file: 'renderer/main.tsx', target: '../electron/core/ports.ts' })).not.toBeNull();
    expect(violation({ file: 'electron/shell/tray.ts', target: 'electron' })).toBeNull();
  });
});
