import { type ByteSource, latin1, viewOf } from './byte-source.ts';
import { KEYS, keyOf, MOST_TEXT, type Texts, type TextTools } from './texts.ts';

/** Chunks that are walked over: an animation of 8K frames has some thousands. */
const MOST_CHUNKS = 20_000;
/** A keyword has at most 79 bytes. */
const KEYWORD_BYTES = 80;
/** `comf` is ComfyUI's own, for animations: a keyword, and the text as it is. */
const TEXT_CHUNKS: readonly string[] = ['tEXt', 'zTXt', 'iTXt', 'comf'];

/** The texts of a PNG that are named as ComfyUI names them; the first of each name. Written for hostile bytes. */
export async function pngTexts(source: ByteSource, tools: TextTools): Promise<Texts> {
  const texts: Texts = new Map();
  let at = 8;
  for (let count = 0; count < MOST_CHUNKS && at + 12 <= source.size && texts.size < KEYS.length; count += 1) {
    const head = await source.read(at, 8);
    if (head.length < 8) break;
    const length = viewOf(head).getUint32(0);
    const type = latin1(head.subarray(4));
    if (type === 'IEND') break;
    const whole = length <= MOST_TEXT && at + 8 + length <= source.size;
    if (whole && TEXT_CHUNKS.includes(type)) await take(source, at + 8, { type, length }, tools, texts);
    at += 12 + length;
  }
  return texts;
}

async function take(
  source: ByteSource,
  at: number,
  { type, length }: { readonly type: string; readonly length: number },
  tools: TextTools,
  texts: Texts,
): Promise<void> {
  const start = await source.read(at, Math.min(length, KEYWORD_BYTES));
  const end = start.indexOf(0);
  const key = end < 0 ? null : keyOf(latin1(start.subarray(0, end)));
  if (key === null || texts.has(key)) return;
  const rest = await source.read(at + end + 1, length - end - 1);
  const text = await textOf(type, rest, tools);
  if (text !== null) texts.set(key, text);
}

async function textOf(type: string, rest: Uint8Array, tools: TextTools): Promise<string | null> {
  if (type === 'zTXt')
    return rest[0] === 0 ? plain(await tools.inflate(rest.subarray(1), MOST_TEXT), tools) : null;
  if (type === 'iTXt') return international(rest, tools);
  return plain(rest, tools);
}

/** Flag and method of compression, language, translated keyword, text. */
async function international(rest: Uint8Array, tools: TextTools): Promise<string | null> {
  const language = rest.indexOf(0, 2);
  const translated = language < 0 ? -1 : rest.indexOf(0, language + 1);
  if (translated < 0) return null;
  const bytes = rest.subarray(translated + 1);
  if (rest[0] === 0) return tools.utf8(bytes);
  const inflated = rest[0] === 1 && rest[1] === 0 ? await tools.inflate(bytes, MOST_TEXT) : null;
  return inflated === null ? null : tools.utf8(inflated);
}

/** Latin-1 by the standard; some programs write UTF-8 all the same. */
function plain(bytes: Uint8Array | null, tools: TextTools): string | null {
  return bytes === null ? null : (tools.utf8(bytes) ?? latin1(bytes));
}
