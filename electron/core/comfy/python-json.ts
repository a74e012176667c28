/** Strings are matched so that they are skipped. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * JSON as Python writes it: custom nodes have bounds such as float("inf"), which Python writes as Infinity. They become null.
 * @returns undefined for what is no JSON either way
 */
export function parsePythonJson(text: string): unknown {
  return parse(text) ?? parse(text.replace(TOKENS, (token) => (token.startsWith('"') ? token : 'null')));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
