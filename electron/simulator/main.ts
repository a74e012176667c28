/**
 * The simulator: a ComfyUI-compatible server and an nvidia-smi, for the demo fleet, the tests and the benchmarks.
 *
 *   node dist/simulator.cjs comfyui --port 8188 --preview-method auto     a server; takes ComfyUI's own flags, `--help` lists them
 *   node dist/simulator.cjs nvidia-smi --query-gpu=index,name --format=csv,noheader
 *
 * ENSEMBLE_SIM_WORLD names the folder of a simulated machine (world.ts), ENSEMBLE_SIM scripts a server's behaviour (script.ts),
 * ENSEMBLE_SIM_SMI breaks the simulated nvidia-smi (smi.ts).
 */
import { runComfyui } from './comfyui.ts';
import { writeQuietly } from './machine/log-book.ts';
import { runSmi } from './smi.ts';

async function main([program = '', ...argv]: readonly string[]): Promise<void> {
  if (program === 'comfyui') return runComfyui(argv);
  if (program === 'nvidia-smi') return runSmi(argv);
  writeQuietly(2, 'Usage: simulator.cjs comfyui [ComfyUI flags] | nvidia-smi [nvidia-smi flags]\n');
  process.exitCode = 2;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  writeQuietly(2, `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
