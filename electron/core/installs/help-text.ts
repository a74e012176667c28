/** What `main.py --help` (Python's argparse) tells: every long flag, whatever the width of its columns. */
export function parseFlags(help: string): readonly string[] {
  const flags = new Set<string>();
  // The usage block is wrapped at any blank and the option list repeats it: both are scanned.
  for (const [flag] of help.matchAll(/(?<![\w-])--[a-z0-9][a-z0-9_-]*/gi)) flags.add(trimDash(flag));
  return [...flags].sort();
}

/** argparse never ends a flag with a dash, but wrapped prose can. */
function trimDash(flag: string): string {
  return flag.replace(/-+$/, '');
}

/** ComfyUI's own flags since its first releases; a folder whose help lacks them is something else. */
const SIGNATURE = ['--port', '--listen', '--output-directory'];

export function looksLikeComfyUi(flags: readonly string[]): boolean {
  return SIGNATURE.every((flag) => flags.includes(flag));
}

/** `__version__ = "0.3.64"` in comfyui_version.py (0.3.x and later). */
export function parseVersion(text: string): string | null {
  return /__version__\s*=\s*["']([^"'\s]{1,40})["']/.exec(text)?.[1] ?? null;
}
