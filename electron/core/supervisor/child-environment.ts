import path from 'node:path';

/** Variables that belong to our own process and break, mislead or bind a ComfyUI that inherits them. */
const DROPPED = new Set([
  // Node: options and IPC channels meant for us. Custom nodes that run npm or Node would choke on them.
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
  'INIT_CWD',
  // Another interpreter's library and packages: wrong version, crash in `import site` or in a compiled module.
  'PYTHONHOME',
  'PYTHONPATH',
  'PYTHONEXECUTABLE',
  '__PYVENV_LAUNCHER__',
  // Keeps Python alive after main.py has ended: a crash would never be seen.
  'PYTHONINSPECT',
  // Takes main.py's own folder off sys.path: `import comfy` fails.
  'PYTHONSAFEPATH',
  // The ComfyUI plugin's marks: a child that believes them watches a foreign pid and ends itself with it.
  'COMFYUI_MASTER_PID',
  'COMFYUI_IS_WORKER',
  // AppImage's own mount, gone as soon as we quit.
  'APPDIR',
  'APPIMAGE',
  'ARGV0',
  'OWD',
  // Chromium's.
  'CHROME_DESKTOP',
]);

const DROPPED_PREFIXES = ['ELECTRON_', 'npm_', 'NPM_'];

/** Lists of folders out of which entries below an AppImage's mount are taken: its libraries are not Python's. */
const SEARCH_PATHS = ['LD_LIBRARY_PATH', 'LD_PRELOAD', 'PATH', 'XDG_DATA_DIRS'];

export interface EnvironmentRequest {
  readonly inherited: NodeJS.ProcessEnv;
  /** The program's own variables: set on purpose, so never cleaned away (ELECTRON_RUN_AS_NODE makes Electron act as Node). */
  readonly program: Readonly<Record<string, string>>;
  /** What the launch plan sets; wins over everything. */
  readonly own: Readonly<Record<string, string>>;
  /** argv[0], to tell an active virtual environment from a foreign one. */
  readonly file: string;
  readonly simulated: boolean;
  readonly platform: NodeJS.Platform;
}

/** The full environment of a child. */
export function childEnvironment(request: EnvironmentRequest): Readonly<Record<string, string>> {
  const { inherited, program, own, platform } = request;
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !isDropped(name, request)) result[name] = value;
  }
  takeOutMount(result, inherited['APPDIR']);
  for (const [name, value] of Object.entries({ ...program, ...own })) {
    if (platform === 'win32') removeIgnoringCase(result, name);
    result[name] = value;
  }
  return result;
}

function isDropped(name: string, request: EnvironmentRequest): boolean {
  // Windows names are case-insensitive: "NodE_OPTIONS" reaches the child as NODE_OPTIONS.
  const key = request.platform === 'win32' ? name.toUpperCase() : name;
  if (DROPPED.has(key) || DROPPED_PREFIXES.some((prefix) => key.startsWith(prefix))) return true;
  // Our own switches are no business of ComfyUI; the simulator reads its script from them.
  if (key.startsWith('ENSEMBLE_')) return !request.simulated;
  if (key === 'VIRTUAL_ENV' || key === 'VIRTUAL_ENV_PROMPT') return isForeign('VIRTUAL_ENV', request);
  if (key.startsWith('CONDA_')) return isForeign('CONDA_PREFIX', request);
  return false;
}

/**
 * Python itself ignores VIRTUAL_ENV and CONDA_PREFIX, but installers that custom nodes call (uv, conda) put packages
 * there: right when ComfyUI's Python lives in that environment, wrong otherwise.
 */
function isForeign(name: string, { inherited, file, platform }: EnvironmentRequest): boolean {
  const prefix = inherited[name];
  if (prefix === undefined || prefix === '') return true;
  const paths = platform === 'win32' ? path.win32 : path.posix;
  const relative = paths.relative(prefix, file);
  return relative === '' || relative.startsWith('..') || paths.isAbsolute(relative);
}

function takeOutMount(environment: Record<string, string>, mount: string | undefined): void {
  if (mount === undefined || mount === '') return;
  for (const name of SEARCH_PATHS) {
    const value = environment[name];
    if (value === undefined) continue;
    const rest = value.split(':').filter((entry) => entry !== mount && !entry.startsWith(`${mount}/`));
    if (rest.every((entry) => entry === '')) delete environment[name];
    else environment[name] = rest.join(':');
  }
}

function removeIgnoringCase(environment: Record<string, string>, name: string): void {
  for (const key of Object.keys(environment)) {
    if (key.toUpperCase() === name.toUpperCase()) delete environment[key];
  }
}
