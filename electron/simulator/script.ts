/** How a simulated server behaves, from the environment variable ENSEMBLE_SIM (JSON). Everything is optional; times are ms. */
export interface BehaviourScript {
  /** ComfyUI version to act as: 0.3.x behaves like 0.3.64, anything later like 0.33.0. */
  readonly version?: string;
  /** Boot until the port is bound. */
  readonly bootMs?: number;
  /** One sampling step of one 512×512 picture on a GPU of speed 1. */
  readonly stepMs?: number;
  /** Overrides the GPU's speed (1 = RTX 4090). */
  readonly speed?: number;
  readonly modelLoadMs?: number;
  /** Bytes of VRAM, overriding the GPU's. A batch that does not fit fails with an out-of-memory error. */
  readonly vramTotal?: number;
  readonly checkpoints?: readonly string[];
  readonly loras?: readonly string[];
  readonly diffusionModels?: readonly string[];
  readonly textEncoders?: readonly string[];
  readonly vaes?: readonly string[];
  /** Sizes of model files by name, where they are not to be the usual ones. */
  readonly modelBytes?: Readonly<Record<string, number>>;
  /** Classes that this server lacks. */
  readonly missingNodes?: readonly string[];
  /** Ends the process this long after it is ready. */
  readonly crashAfterMs?: number;
  /** Ends the process at this sampling step (1 = the first). */
  readonly crashOnStep?: number;
  /** Exit code of a scripted end; 1 by default. */
  readonly exitCode?: number;
  /** Ends by this signal instead of an exit code. */
  readonly exitSignal?: 'SIGKILL' | 'SIGSEGV' | 'SIGABRT';
  /** Printed on stderr before a scripted end. */
  readonly lastWords?: string;
  /** HTTP, sockets and sampling stop answering this long after ready; the process lives on. */
  readonly hangAfterMs?: number;
  /** Random bytes on stdout, ten times a second. */
  readonly garbageOutput?: boolean;
  /** What every HTTP reply is replaced with. */
  readonly garbageReplies?: 'html' | 'binary' | 'truncated' | 'forbidden';
  /** Added before every HTTP reply. */
  readonly latencyMs?: number;
  readonly bytesPerSecond?: number;
  /** Lines per second on the log, written in bursts. */
  readonly logLinesPerSecond?: number;
  /** Node id or class that raises a RuntimeError when it runs. */
  readonly failNode?: string;
  /** /history stays empty. */
  readonly dropHistory?: boolean;
  /** What /history/ID answers for a finished prompt: nothing, the entry under another id, or an entry of wrong types. */
  readonly lieAboutHistory?: 'empty' | 'other' | 'garbage';
  /** A prompt is forgotten this long after it was accepted: queue, execution and history know it no more, and nobody is told. */
  readonly forgetPromptsAfterMs?: number;
  /** Sampling never gets past this step (1 = the first) and cannot be interrupted; HTTP and sockets go on. */
  readonly freezeOnStep?: number;
  /** The connection is cut instead of answering a POST /prompt that was accepted; the prompt runs nevertheless. */
  readonly acceptThenDrop?: boolean;
  /** The first sampling of this process runs out of memory, whatever its size. */
  readonly failOnceWithOom?: boolean;
  /** Pace of /view alone; of everything with bytesPerSecond. */
  readonly slowViewBytesPerSecond?: number;
  /** Every WebSocket message is sent twice. */
  readonly duplicateMessages?: boolean;
  /** Ends during boot. */
  readonly exitBeforeReady?: boolean;
  /** SIGINT and SIGTERM are ignored. */
  readonly ignoreSigterm?: boolean;
  /** The started process leaves the server to a detached child and exits 0. */
  readonly forkAndExit?: boolean;
  /** Exits 0 by itself this long after ready, as a manager-triggered reboot does. */
  readonly rebootAfterMs?: number;
}

/** Reads ENSEMBLE_SIM; what is no JSON object is an Error with one sentence. */
export function readScript(text: string | undefined): BehaviourScript {
  if (text === undefined || text.trim() === '') return {};
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error('ENSEMBLE_SIM must be a JSON object.');
  }
  return value;
}

export function isLegacy(version: string): boolean {
  return version.startsWith('0.3.');
}
