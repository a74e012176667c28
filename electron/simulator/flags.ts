/** ComfyUI's own command line, for the flags that both 0.3.64 and 0.33.0 know, parsed and refused as Python's argparse does. */

export const SIMULATED_VERSION = '0.33.0';

type Arity = 'none' | 'one' | 'optional' | 'many';
const TABLE: readonly (readonly [flag: string, arity: Arity, value?: string])[] = [
  ['--listen', 'optional', 'IP'],
  ['--port', 'one', 'PORT'],
  ['--tls-keyfile', 'one', 'TLS_KEYFILE'],
  ['--tls-certfile', 'one', 'TLS_CERTFILE'],
  ['--enable-cors-header', 'optional', 'ORIGIN'],
  ['--max-upload-size', 'one', 'MAX_UPLOAD_SIZE'],
  ['--base-directory', 'one', 'BASE_DIRECTORY'],
  ['--extra-model-paths-config', 'many', 'PATH'],
  ['--output-directory', 'one', 'OUTPUT_DIRECTORY'],
  ['--temp-directory', 'one', 'TEMP_DIRECTORY'],
  ['--input-directory', 'one', 'INPUT_DIRECTORY'],
  ['--auto-launch', 'none'],
  ['--disable-auto-launch', 'none'],
  ['--cuda-device', 'one', 'DEVICE_ID'],
  ['--default-device', 'one', 'DEFAULT_DEVICE_ID'],
  ['--cuda-malloc', 'none'],
  ['--disable-cuda-malloc', 'none'],
  ['--force-fp32', 'none'],
  ['--force-fp16', 'none'],
  ['--fp32-unet', 'none'],
  ['--fp64-unet', 'none'],
  ['--bf16-unet', 'none'],
  ['--fp16-unet', 'none'],
  ['--fp8_e4m3fn-unet', 'none'],
  ['--fp8_e5m2-unet', 'none'],
  ['--fp8_e8m0fnu-unet', 'none'],
  ['--fp16-vae', 'none'],
  ['--fp32-vae', 'none'],
  ['--bf16-vae', 'none'],
  ['--cpu-vae', 'none'],
  ['--fp8_e4m3fn-text-enc', 'none'],
  ['--fp8_e5m2-text-enc', 'none'],
  ['--fp16-text-enc', 'none'],
  ['--fp32-text-enc', 'none'],
  ['--bf16-text-enc', 'none'],
  ['--force-channels-last', 'none'],
  ['--directml', 'optional', 'DIRECTML_DEVICE'],
  ['--oneapi-device-selector', 'one', 'SELECTOR_STRING'],
  ['--supports-fp8-compute', 'none'],
  ['--preview-method', 'one', '[none,auto,latent2rgb,taesd]'],
  ['--preview-size', 'one', 'PREVIEW_SIZE'],
  ['--cache-classic', 'none'],
  ['--cache-lru', 'one', 'CACHE_LRU'],
  ['--cache-none', 'none'],
  ['--use-split-cross-attention', 'none'],
  ['--use-quad-cross-attention', 'none'],
  ['--use-pytorch-cross-attention', 'none'],
  ['--use-sage-attention', 'none'],
  ['--use-flash-attention', 'none'],
  ['--disable-xformers', 'none'],
  ['--force-upcast-attention', 'none'],
  ['--dont-upcast-attention', 'none'],
  ['--gpu-only', 'none'],
  ['--highvram', 'none'],
  ['--lowvram', 'none'],
  ['--novram', 'none'],
  ['--cpu', 'none'],
  ['--reserve-vram', 'one', 'RESERVE_VRAM'],
  ['--async-offload', 'optional', 'NUM_STREAMS'],
  ['--force-non-blocking', 'none'],
  ['--default-hashing-function', 'one', '{md5,sha1,sha256,sha512}'],
  ['--disable-smart-memory', 'none'],
  ['--deterministic', 'none'],
  ['--fast', 'many', 'FAST'],
  ['--mmap-torch-files', 'none'],
  ['--disable-mmap', 'none'],
  ['--dont-print-server', 'none'],
  ['--quick-test-for-ci', 'none'],
  ['--windows-standalone-build', 'none'],
  ['--disable-metadata', 'none'],
  ['--disable-all-custom-nodes', 'none'],
  ['--whitelist-custom-nodes', 'many', 'WHITELIST_CUSTOM_NODES'],
  ['--disable-api-nodes', 'none'],
  ['--multi-user', 'none'],
  ['--verbose', 'optional', 'LEVEL'],
  ['--log-stdout', 'none'],
  ['--front-end-version', 'one', 'FRONT_END_VERSION'],
  ['--front-end-root', 'one', 'FRONT_END_ROOT'],
  ['--user-directory', 'one', 'USER_DIRECTORY'],
  ['--enable-compress-response-body', 'none'],
  ['--comfy-api-base', 'one', 'COMFY_API_BASE'],
  ['--database-url', 'one', 'DATABASE_URL'],
];

export const KNOWN_FLAGS: readonly string[] = TABLE.map(([flag]) => flag);
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  '--preview-method': ['none', 'auto', 'latent2rgb', 'taesd'],
  '--default-hashing-function': ['md5', 'sha1', 'sha256', 'sha512'],
};
const INTEGERS = new Set(['--port', '--preview-size', '--cache-lru', '--default-device']);

/** Values by flag; a flag without a value maps to an empty list. */
export type FlagValues = ReadonlyMap<string, readonly string[]>;
export type ParsedFlags =
  | { readonly kind: 'run'; readonly values: FlagValues }
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string };

export function parseFlags(argv: readonly string[]): ParsedFlags {
  const values = new Map<string, readonly string[]>();
  const unknown: string[] = [];
  for (let index = 0; index < argv.length; ) {
    const word = argv[index] ?? '';
    if (word === '-h' || word === '--help') return { kind: 'help' };
    const [flag = '', inline] = splitEquals(word);
    const entry = TABLE.find(([name]) => name === flag);
    index += 1;
    if (entry === undefined) {
      unknown.push(word);
      continue;
    }
    const taken = inline === undefined ? takeValues(argv, index, entry[1]) : [inline];
    if (inline === undefined) index += taken.length;
    const problem = problemOf(flag, entry[1], taken, inline !== undefined);
    if (problem !== null) return { kind: 'error', message: `argument ${flag}: ${problem}` };
    values.set(flag, taken);
  }
  if (unknown.length > 0) return { kind: 'error', message: `unrecognized arguments: ${unknown.join(' ')}` };
  return { kind: 'run', values };
}

function splitEquals(word: string): readonly [string, string | undefined] {
  const at = word.startsWith('--') ? word.indexOf('=') : -1;
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

function takeValues(argv: readonly string[], from: number, arity: Arity): string[] {
  const limit = arity === 'none' ? 0 : arity === 'many' ? argv.length : 1;
  const taken: string[] = [];
  for (const word of argv.slice(from)) {
    if (taken.length >= limit || (word.startsWith('-') && !/^-\d/.test(word))) break;
    taken.push(word);
  }
  return taken;
}

function problemOf(flag: string, arity: Arity, taken: readonly string[], inline: boolean): string | null {
  const first = taken[0];
  if (arity === 'none' && inline) return `ignored explicit argument '${first}'`;
  if (arity === 'one' && first === undefined) return 'expected one argument';
  if (arity === 'many' && first === undefined && flag !== '--fast') return 'expected at least one argument';
  if (first === undefined) return null;
  const choices = CHOICES[flag];
  if (choices !== undefined && !choices.includes(first)) {
    return `invalid choice: '${first}' (choose from ${choices.map((choice) => `'${choice}'`).join(', ')})`;
  }
  if (INTEGERS.has(flag) && !/^-?\d+$/.test(first)) return `invalid int value: '${first}'`;
  return null;
}

function describe(flag: string, arity: Arity, value: string | undefined): string {
  if (value === undefined) return flag;
  if (arity === 'optional') return `${flag} [${value}]`;
  return arity === 'many' ? `${flag} ${value} [${value} ...]` : `${flag} ${value}`;
}

export function usageText(): string {
  const words = ['[-h]', ...TABLE.map((entry) => `[${describe(...withValue(entry))}]`)];
  const lines = ['usage: main.py'];
  for (const word of words) {
    const last = lines.length - 1;
    if (`${lines[last]} ${word}`.length > 79) lines.push(`               ${word}`);
    else lines[last] = `${lines[last]} ${word}`;
  }
  return `${lines.join('\n')}\n`;
}

export function helpText(): string {
  const options = TABLE.map((entry) => `  ${describe(...withValue(entry))}`);
  return `${usageText()}\noptions:\n  -h, --help            show this help message and exit\n${options.join('\n')}\n`;
}

function withValue(
  entry: readonly [flag: string, arity: Arity, value?: string],
): [string, Arity, string | undefined] {
  return [entry[0], entry[1], entry[2]];
}
