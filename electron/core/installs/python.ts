import path from 'node:path';

export interface PythonSurroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * Where the Python of a ComfyUI folder may be, the likeliest first: COMFYUI_PYTHON, the portable layout's
 * python_embeded (its own spelling) beside the folder, virtual environments in it and beside it, an active venv or
 * conda, conda environments called comfyui, then the system's.
 * Absolute paths may not exist; bare names are looked up on PATH.
 */
export function pythonCandidates(
  root: string,
  { env, platform, home }: PythonSurroundings,
): readonly string[] {
  const { join, dirname } = platform === 'win32' ? path.win32 : path.posix;
  const inside = (folder: string): string =>
    platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const inConda = (folder: string): string =>
    platform === 'win32' ? join(folder, 'python.exe') : join(folder, 'bin', 'python');
  const beside = dirname(root);
  const venvs = ['venv', '.venv', 'env', 'ComfyUI-venv', 'comfy-env'];
  const condas = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge'];
  return unique([
    env['COMFYUI_PYTHON'],
    ...[beside, root].map((folder) => join(folder, 'python_embeded', 'python.exe')),
    ...[root, beside].flatMap((folder) => venvs.map((name) => inside(join(folder, name)))),
    ...given(env['VIRTUAL_ENV']).map(inside),
    ...given(env['CONDA_PREFIX']).map(inConda),
    ...condas.flatMap((conda) =>
      ['comfyui', 'ComfyUI', 'comfy'].map((name) => inConda(join(home, conda, 'envs', name))),
    ),
    ...(platform === 'win32' ? ['python.exe', 'py.exe'] : ['python3', 'python']),
  ]);
}

function given(value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [value];
}

function unique(values: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(values.flatMap((value) => given(value)))];
}
