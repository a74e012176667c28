import type { NodeInputs } from '../graph/inputs.ts';
import type { Prompt, Value } from '../graph/values.ts';
import type { Device } from '../machine/device.ts';
import type { ServerOptions } from '../options.ts';

export type InputOptions = Readonly<Record<string, unknown>>;
/** A type name, or the list of a V1 combo, or how to get it: names of model files and of uploaded pictures change. */
export type InputType = string | readonly string[] | ((context: ListContext) => readonly string[]);
/** `changed`: options that 0.33.0 has instead. */
export type InputSpec = readonly [type: InputType, options?: InputOptions, changed?: InputOptions];

export interface ListContext {
  readonly checkpoints: readonly string[];
  readonly loras: readonly string[];
  readonly diffusionModels: readonly string[];
  readonly textEncoders: readonly string[];
  readonly vaes: readonly string[];
  readonly inputFiles: () => readonly string[];
}

/** What a running node may use. */
export interface NodeContext {
  readonly nodeId: string;
  readonly options: ServerOptions;
  readonly device: Device;
  readonly legacy: boolean;
  readonly prompt: Prompt;
  readonly pngInfo: Readonly<Record<string, unknown>>;
  /** Reports a step; `preview` is painted only when previews are on. */
  progress(value: number, max: number, preview: (() => Promise<Buffer>) | null): Promise<void>;
  /** Lets simulated time pass; rejects when the prompt is interrupted. */
  work(ms: number): Promise<void>;
  log(text: string): void;
}

export interface NodeResult {
  readonly outputs: readonly Value[];
  readonly ui?: Readonly<Record<string, readonly unknown[]>>;
}

export interface NodeDefinition {
  readonly name: string;
  /** One name for both versions, or [0.3.64, 0.33.0]; some have none since 0.33.0. */
  readonly display: string | readonly [string, string | null];
  readonly category: string | readonly [string, string];
  /** Python module, where it is not "nodes". */
  readonly module?: string;
  /** From which version on the class uses the V3 schema, which lists more fields and empty options for links. */
  readonly v3?: 'both' | 'new';
  readonly required: Readonly<Record<string, InputSpec>>;
  readonly optional?: Readonly<Record<string, InputSpec>>;
  readonly output: readonly string[];
  /** Outputs that only 0.33.0 has (savers pass their pictures on). */
  readonly outputNew?: readonly string[];
  readonly outputNames?: readonly string[];
  readonly outputNode?: boolean;
  readonly deprecatedInNew?: boolean;
  /** The node's own check; the inputs that it names are not checked against min, max and list. */
  readonly validate?: {
    readonly inputs: readonly string[];
    check(inputs: Readonly<Record<string, unknown>>, options: ServerOptions): true | string;
  };
  /** Part of the cache key beside the inputs: the hash of a loaded file. */
  readonly fingerprint?: (inputs: Readonly<Record<string, unknown>>, options: ServerOptions) => string;
  run(inputs: NodeInputs, context: NodeContext): Promise<NodeResult> | NodeResult;
}
