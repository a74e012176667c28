import type { BootStep } from '../../../shared/lifecycle.ts';

/** Before the first line: Python starts and imports. */
export const FIRST_STEP: BootStep = { label: 'Starting Python', fraction: 0.02 };

interface BootMark {
  readonly pattern: RegExp;
  readonly step: BootStep;
}

function mark(pattern: RegExp, fraction: number, label: string): BootMark {
  return { pattern, step: { label, fraction } };
}

/**
 * Lines that 0.3.64 and 0.33.0 print while they start, in the order of both (0.33.0 puts "[INFO] " before most and sets
 * up its database before the folders). The fractions follow the seconds seen on a machine with a warm disk.
 */
const MARKS: readonly BootMark[] = [
  mark(/^\[START\] Security scan|^## ComfyUI-Manager: installing/, 0.06, 'Preparing custom nodes'),
  mark(/^Setting (output|input|base|user|models) directory to: /, 0.1, 'Reading its settings'),
  mark(/^Prestartup times for custom nodes:/, 0.14, 'Preparing custom nodes'),
  mark(/^Found comfy_kitchen backend /, 0.25, 'Loading PyTorch'),
  mark(/^Checkpoint files will always be loaded safely/, 0.3, 'Loading PyTorch'),
  mark(/^Total VRAM \d+ MB/, 0.38, 'Looking at the GPU'),
  mark(/^(pytorch version|Set vram state to|Device): /, 0.42, 'Looking at the GPU'),
  mark(/^Using .*attention/, 0.48, 'Loading ComfyUI'),
  mark(/^ComfyUI version: /, 0.5, 'Loading ComfyUI'),
  mark(/^Setting temp directory to: /, 0.52, 'Loading ComfyUI'),
  mark(/^ComfyUI frontend version: |^comfyui-frontend-package version: /, 0.56, 'Loading nodes'),
  mark(/^\[Prompt Server\] web root: /, 0.6, 'Loading nodes'),
  mark(/^### Loading: /, 0.68, 'Loading custom nodes'),
  mark(/^Import times for custom nodes:/, 0.85, 'Custom nodes are loaded'),
  mark(/^(Context impl |Will assume |Running upgrade )/, 0.9, 'Opening the database'),
  mark(/^Starting server/, 0.95, 'Opening the port'),
  mark(/^To see the GUI go to: /, 0.98, 'Waiting for the first answer'),
];

/** What 0.33.0 puts before a line; colours are already gone. */
const LEVEL_PREFIX = /^\[(DEBUG|INFO|WARNING|ERROR|CRITICAL)\] /;

/** The step that a line of output announces, or null for any other line. */
export function bootStepOf(line: string): BootStep | null {
  const text = line.replace(LEVEL_PREFIX, '');
  return MARKS.find(({ pattern }) => pattern.test(text))?.step ?? null;
}

/** Never goes back: a custom node may print anything at any time. */
export function advance(step: BootStep, line: string): BootStep {
  const next = bootStepOf(line);
  return next !== null && next.fraction > step.fraction ? next : step;
}
