import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import { boot } from './boot.ts';
import { armDisturbances, endAsScripted } from './disturbances.ts';
import { helpText, parseFlags, SIMULATED_VERSION, usageText } from './flags.ts';
import { Listener } from './http/listener.ts';
import { Device } from './machine/device.ts';
import { LogBook, writeQuietly } from './machine/log-book.ts';
import { UsagePublisher } from './machine/usage.ts';
import { readOptions, type ServerOptions } from './options.ts';
import { type BehaviourScript, isLegacy, readScript } from './script.ts';
import { ServerCore } from './server-core.ts';
import { pickGpu, readWorld, type SimulatedGpu } from './world.ts';

/** Runs a simulated ComfyUI server until a signal or its script ends it. */
export async function runComfyui(argv: readonly string[]): Promise<void> {
  const parsed = parseFlags(argv);
  if (parsed.kind === 'help') {
    writeQuietly(1, helpText());
    return;
  }
  if (parsed.kind === 'error') {
    writeQuietly(2, `${usageText()}main.py: error: ${parsed.message}\n`);
    process.exit(2);
  }
  const script = readScript(process.env['ENSEMBLE_SIM']);
  if (script.forkAndExit) {
    leaveToChild(script);
    return;
  }
  const options = readOptions(parsed.values, argv, process.cwd());
  const version = script.version ?? SIMULATED_VERSION;
  const logBook = new LogBook(options.logStdout, !isLegacy(version));
  const { device, usage } = await openDevice(options, script);
  const bootMs = script.bootMs ?? 1_500 + ((options.port * 7_919) % 2_500);
  handleSignals(options, script, usage);
  if (script.exitBeforeReady) {
    await boot(options, device, version, logBook, bootMs, 0.6);
    endAsScripted(script, usage);
  }
  await boot(options, device, version, logBook, bootMs);
  const onStep = async (step: number): Promise<void> => {
    if (step === script.crashOnStep) endAsScripted(script, usage);
    if (step !== script.freezeOnStep) return;
    logBook.log(`(simulated) frozen at step ${step}`);
    await new Promise(() => undefined);
  };
  const core = new ServerCore({ options, script, version, device, logBook, onStep });
  await serve(core, script, usage);
}

function leaveToChild(script: BehaviourScript): void {
  const environment = { ...process.env, ENSEMBLE_SIM: JSON.stringify({ ...script, forkAndExit: false }) };
  const child = spawn(process.execPath, process.argv.slice(1), {
    detached: true,
    stdio: 'inherit',
    env: environment,
  });
  child.unref();
}

async function openDevice(
  options: ServerOptions,
  script: BehaviourScript,
): Promise<{ device: Device; usage: UsagePublisher | null }> {
  const folder = process.env['ENSEMBLE_SIM_WORLD'];
  if (options.cpu || folder === undefined || folder === '') {
    const memory = options.cpu ? os.totalmem() : 24_564 * 1024 * 1024;
    return { device: new Device(null, memory, script, null), usage: null };
  }
  const world = await readWorld(folder);
  const gpu: SimulatedGpu | null = pickGpu(
    world.gpus,
    options.cudaDevice ?? process.env['CUDA_VISIBLE_DEVICES'],
  );
  if (gpu === null) {
    writeQuietly(2, 'RuntimeError: No CUDA GPUs are available\n');
    process.exit(1);
  }
  const usage = new UsagePublisher(folder, gpu.uuid, process.pid);
  return { device: new Device(gpu, gpu.memoryTotal, script, usage), usage };
}

/** 0.3.64 and 0.33.0: SIGINT cleans temp and exits 0; SIGTERM ends at once, by the signal, with temp left behind. */
function handleSignals(options: ServerOptions, script: BehaviourScript, usage: UsagePublisher | null): void {
  if (script.ignoreSigterm) {
    process.on('SIGINT', () => {});
    process.on('SIGTERM', () => {});
    return;
  }
  process.once('SIGTERM', () => {
    usage?.remove();
    process.kill(process.pid, 'SIGTERM');
  });
  process.on('SIGINT', () => {
    writeQuietly(2, '\nStopped server\n');
    rmSync(options.directories.temp, { recursive: true, force: true });
    usage?.remove();
    process.exit(0);
  });
}

async function serve(core: ServerCore, script: BehaviourScript, usage: UsagePublisher | null): Promise<void> {
  const { options } = core;
  const { input, output, temp, user } = options.directories;
  for (const folder of [input, output, temp, user]) mkdirSync(folder, { recursive: true });
  const listener = new Listener(core, script);
  for (const address of options.addresses) {
    let port: number;
    try {
      port = await listener.listen(address, options.port);
    } catch (error) {
      refusePort(core, address, error);
      usage?.remove();
      process.exit(1);
    }
    const shown = address.includes(':') ? `[${address}]` : address;
    core.log(`To see the GUI go to: http://${shown}:${port}`);
  }
  armDisturbances(script, core, listener, usage);
}

function refusePort(core: ServerCore, address: string, error: unknown): void {
  const { port } = core.options;
  if (!core.legacy) {
    const advice = 'Please close the other application or use a different port with --port.';
    core.log(`Port ${port} is already in use on address ${address}. ${advice}`, 'error');
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  const what = `[Errno 98] error while attempting to bind on address ('${address}', ${port}): address already in use`;
  core.logBook.raw(
    `Traceback (most recent call last):\n  File "main.py", line 371, in <module>\nOSError: ${what}\n`,
  );
  core.logBook.raw(`${reason}\n`);
}
