import path from 'node:path';
import type { FieldProblem } from '../../../shared/errors.ts';
import type { DeviceRef, GpuInfo, InstanceId } from '../../../shared/model.ts';
import { parseArguments } from './arguments.ts';
import { childEnvironment } from './child-environment.ts';
import { bindDevice } from './device.ts';
import { checkExtraArguments, flagOf, flagValue, hasFlag } from './extra-arguments.ts';
import { TEMP_FLAG } from './launch-marker.ts';

/** What is started: a real install's Python and main.py, or the simulator. */
export interface LaunchProgram {
  /** argv before the flags, e.g. [python, main.py]. */
  readonly command: readonly string[];
  readonly cwd: string;
  /** Variables that the program needs, e.g. ELECTRON_RUN_AS_NODE. */
  readonly environment: Readonly<Record<string, string>>;
  /** Long flags that its --help lists; empty when not known. */
  readonly flags: readonly string[];
  readonly simulated: boolean;
}

export interface LaunchRequest {
  readonly id: InstanceId;
  readonly role: 'master' | 'worker';
  readonly port: number;
  readonly device: DeviceRef | null;
  /** As typed. */
  readonly extraArgs: string;
  readonly program: LaunchProgram;
  readonly gpus: readonly GpuInfo[];
  readonly directories: {
    /** Ours, for this instance: temp, database, log. */
    readonly instance: string;
    /** Shared by all local servers. */
    readonly input: string;
    /** The install's own for the master; null = `<instance>/output`. */
    readonly output: string | null;
    readonly base: string | null;
  };
  readonly inherited: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
}

export interface LaunchPlan {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Everything the child gets. */
  readonly environment: Readonly<Record<string, string>>;
  /** Only what we set, to be shown. */
  readonly ownEnvironment: Readonly<Record<string, string>>;
  /** To be created before the start. */
  readonly directories: readonly string[];
  readonly outputDirectory: string;
  /** Not empty: the plan must not be started. */
  readonly problems: readonly FieldProblem[];
}

/**
 * Several servers out of one install (seen with 0.3.64 and 0.33.0): a shared temp is wiped by the next start, a shared
 * output silently overwrites pictures, a shared database stays locked; a shared input is safe.
 * Pure: the same request gives the same plan.
 */
export function planLaunch(request: LaunchRequest): LaunchPlan {
  const { program, platform, directories, role, gpus, device } = request;
  const parsed = parseArguments(request.extraArgs, platform);
  const extra = 'argv' in parsed ? parsed.argv : [];
  const binding = bindDevice(device, gpus);
  const problems: FieldProblem[] = [...portProblems(request.port)];
  if (binding.problem !== null) problems.push({ field: 'device', message: binding.problem });
  if ('problem' in parsed) problems.push({ field: 'extraArgs', message: parsed.problem });
  problems.push(...checkExtraArguments(extra, { role, flags: program.flags, onCpu: device === 'cpu' }));

  const paths = platform === 'win32' ? path.win32 : path.posix;
  const output = outputOf(request, extra, paths);
  const own = ownEnvironment(request, binding.environment);
  const [file, ...before] = program.command;
  return {
    file: file ?? '',
    args: [
      ...before,
      ...ownFlags(request, extra, output),
      ...binding.args,
      ...withoutRepeats(extra, binding.args),
    ],
    cwd: program.cwd,
    environment: childEnvironment({
      inherited: request.inherited,
      program: program.environment,
      own,
      file: file ?? '',
      simulated: program.simulated,
      platform,
    }),
    ownEnvironment: own,
    directories: [directories.instance, directories.input, output],
    outputDirectory: output,
    problems,
  };
}

function portProblems(port: number): readonly FieldProblem[] {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return [];
  return [{ field: 'port', message: 'A port is a whole number from 1 to 65535.' }];
}

function outputOf(request: LaunchRequest, extra: readonly string[], paths: path.PlatformPath): string {
  const { directories, role, program } = request;
  const typed = role === 'master' ? flagValue(extra, '--output-directory') : null;
  if (typed !== null) return paths.resolve(program.cwd, typed);
  return directories.output ?? paths.join(directories.instance, 'output');
}

function ownFlags(request: LaunchRequest, extra: readonly string[], output: string): readonly string[] {
  const { program, directories, role, port } = request;
  const knows = (flag: string): boolean => program.flags.includes(flag);
  const flags: string[] = [];
  // Before the others: the explicit folders override what it implies.
  if (directories.base !== null) flags.push('--base-directory', directories.base);
  flags.push('--port', String(port));
  if (knows('--listen') && !hasFlag(extra, '--listen')) flags.push('--listen', '127.0.0.1');
  flags.push('--input-directory', directories.input, TEMP_FLAG, directories.instance);
  if (role === 'worker') {
    flags.push('--output-directory', output);
    if (knows('--database-url')) flags.push('--database-url', databaseUrl(request));
  } else if (directories.output === null && !hasFlag(extra, '--output-directory')) {
    flags.push('--output-directory', output);
  }
  if (knows('--disable-auto-launch')) flags.push('--disable-auto-launch');
  if (knows('--log-stdout')) flags.push('--log-stdout');
  if (knows('--preview-method') && !hasFlag(extra, '--preview-method'))
    flags.push('--preview-method', 'auto');
  return flags;
}

/** SQLAlchemy's form: three slashes and the path, with forward slashes on Windows too. */
function databaseUrl({ directories, platform }: LaunchRequest): string {
  if (platform !== 'win32') return `sqlite:///${path.posix.join(directories.instance, 'comfyui.db')}`;
  return `sqlite:///${path.win32.join(directories.instance, 'comfyui.db').replaceAll('\\', '/')}`;
}

const REPEATABLE_BY_US = new Set(['--disable-auto-launch', '--log-stdout', '--cpu']);

/** A person who also typed a bare flag that we set anyway gets it once. */
function withoutRepeats(extra: readonly string[], bound: readonly string[]): readonly string[] {
  return extra.filter((argument) => {
    const flag = flagOf(argument);
    return !REPEATABLE_BY_US.has(flag) || (flag === '--cpu' && !bound.includes('--cpu'));
  });
}

function ownEnvironment(
  { role, program }: LaunchRequest,
  device: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return {
    ...device,
    // Into a file Python would write in blocks: boot progress and last words would come late or never.
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    // Where the multi-GPU plugin is installed as well, this keeps it from starting workers of its own in every worker.
    ...(role === 'worker' && !program.simulated ? { COMFYUI_IS_WORKER: '1' } : {}),
  };
}
