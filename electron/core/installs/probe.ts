import { EnsembleError } from '../../../shared/errors.ts';
import type { CommandResult, RunCommand } from '../programs/run-command.ts';
import { looksLikeComfyUi, parseFlags } from './help-text.ts';

/** A cold disk and a virus scanner can make Python's first start slow. */
const TIMEOUT_MS = 60_000;

/** What every ComfyUI needs before it can serve; `--help` alone works without them (0.3.64 and 0.33.0). */
const MODULES = ['torch', 'numpy', 'aiohttp', 'yaml', 'PIL', 'safetensors'];
const MODULE_SCRIPT = `import importlib.util as u, sys
print("missing:" + ",".join(m for m in sys.argv[1:] if u.find_spec(m) is None))`;

/**
 * Asks a Python for an install's flags with `main.py --help`, and whether ComfyUI's main dependencies are there
 * (looked up, not imported: importing torch takes seconds).
 * @throws EnsembleError('no-comfyui') with a sentence for each way it can fail
 */
export async function probeInstall(
  root: string,
  python: string,
  run: RunCommand,
): Promise<readonly string[]> {
  const line = { command: [python], environment: { PYTHONIOENCODING: 'utf-8' } };
  const help = await run(line, ['main.py', '--help'], { timeoutMs: TIMEOUT_MS, cwd: root });
  if (help.code !== 0 || help.timedOut || help.spawnError !== null) throw explain(root, python, help);
  const flags = parseFlags(help.stdout);
  if (!looksLikeComfyUi(flags)) throw notComfyUi(root);
  const modules = await run(line, ['-c', MODULE_SCRIPT, ...MODULES], { timeoutMs: TIMEOUT_MS, cwd: root });
  const missing = /^missing:(.+)$/m.exec(modules.stdout)?.[1]?.trim();
  if (missing !== undefined && missing !== '') throw missingModule(python, missing.split(',').join(', '));
  return flags;
}

export function notComfyUi(root: string): EnsembleError {
  return new EnsembleError(
    'no-comfyui',
    `${root} has a main.py, but it is not ComfyUI’s.`,
    'Pick the folder that holds ComfyUI’s own main.py, nodes.py and comfy folder.',
  );
}

function missingModule(python: string, modules: string): EnsembleError {
  return new EnsembleError(
    'no-comfyui',
    `ComfyUI cannot start with ${python}: it lacks ${modules}.`,
    'Pick the Python of ComfyUI’s own virtual environment, or install its requirements.txt into this one.',
  );
}

function explain(root: string, python: string, result: CommandResult): EnsembleError {
  const failed = (message: string, hint: string): EnsembleError =>
    new EnsembleError('no-comfyui', message, hint);
  if (result.spawnError !== null) {
    const reason = result.spawnError === 'EACCES' ? 'it is not allowed to run' : result.spawnError;
    return failed(
      `${python} cannot be started (${reason}).`,
      'Pick the Python that ComfyUI runs with, usually bin/python or Scripts\\python.exe of its venv.',
    );
  }
  if (result.timedOut) {
    return failed(
      `${root} did not answer “main.py --help” within ${TIMEOUT_MS / 1000} s.`,
      'Run it by hand to see what it waits for; a custom start-up script or a slow disk can cause this.',
    );
  }
  const module = /No module named ['"]?([\w.]+)/.exec(result.stderr)?.[1];
  if (module !== undefined) return missingModule(python, module);
  if (/SyntaxError|unsupported operand type\(s\) for \|/.test(result.stderr)) {
    return failed(
      `${python} is too old for this ComfyUI.`,
      'Pick a newer Python: ComfyUI needs 3.9 at least, 3.12 is recommended.',
    );
  }
  const last = lastLine(result.stderr) ?? lastLine(result.stdout) ?? 'it said nothing';
  return failed(
    `“main.py --help” in ${root} ended with code ${result.code ?? 'unknown'}: ${last}`,
    'Start ComfyUI once by hand with this Python and mend what it reports.',
  );
}

function lastLine(text: string): string | null {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim().slice(0, 300) ?? null;
}
