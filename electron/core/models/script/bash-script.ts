import { bashLiteral } from './quoting.ts';
import type { ScriptDownload } from './script.ts';

/** What every script begins with. Tokens go by environment or standard input: other users see the arguments of a program. */
const HEAD = `#!/usr/bin/env bash
# Downloads models into a ComfyUI folder. Made by Comfy Ensemble.
#
#   bash THIS-FILE [FOLDER]
#
# FOLDER holds ComfyUI's "models"; without it, the current folder is taken. What is there already is left alone, so run it
# again after a failure. It downloads with comfy (comfy-cli) where that is installed, else with curl, which also goes on
# with a file that it has begun. Gated models need CIVITAI_API_TOKEN or HF_API_TOKEN in the environment.
#
# Names and addresses stand between single quotes because nothing in them shall be expanded.
# shellcheck disable=SC2016
set -u

root=\${1:-.}
case $root in
  /*) ;;
  *) root=./$root ;;
esac
if [ ! -d "$root/models" ]; then
  printf 'There is no folder "models" in %s. Name the folder of ComfyUI: bash THIS-FILE /path/to/ComfyUI\\n' "$root" >&2
  exit 2
fi
if command -v comfy >/dev/null 2>&1; then
  tool=comfy
elif command -v curl >/dev/null 2>&1; then
  tool=curl
else
  printf 'Neither comfy nor curl is here. Install one: pip install comfy-cli, or the package curl.\\n' >&2
  exit 2
fi
failed=()
left_out=()

size_of() {
  wc -c <"$1" | tr -d '[:space:]'
}

# directory file url bytes (0 = not known)
fetch() {
  local target=$root/$1/$2
  if [ -e "$target" ]; then
    if [ "$4" -ne 0 ] && [ "$(size_of "$target")" != "$4" ]; then
      failed+=("$1/$2: it is there with $(size_of "$target") bytes, elsewhere in the fleet it has $4. Delete it to download it anew.")
    else
      printf 'There already: %s/%s\\n' "$1" "$2"
    fi
    return
  fi
  printf 'Downloading %s/%s\\n' "$1" "$2"
  reason='the download failed, see above'
  if mkdir -p -- "$root/$1" && "with_$tool" "$1" "$2" "$3" "$4" && is_whole "$target.part" "$4" && mv -- "$target.part" "$target"; then
    printf 'Done: %s/%s\\n' "$1" "$2"
  else
    failed+=("$1/$2: $reason")
  fi
}

with_comfy() {
  # It begins every file anew, and takes no name that is there. It reads the tokens from the environment itself.
  rm -f -- "$root/$1/$2.part"
  comfy --skip-prompt --workspace="$root" model download --url="$3" --relative-path="$1" --filename="$2.part" </dev/null
}

with_curl() {
  local part=$root/$1/$2.part token='' status=0 answer
  if [ "$4" -ne 0 ] && [ -e "$part" ] && [ "$(size_of "$part")" = "$4" ]; then return; fi
  case $3 in
    https://huggingface.co/*) token=\${HF_API_TOKEN:-} ;;
    https://civitai.com/*) token=\${CIVITAI_API_TOKEN:-} ;;
  esac
  answer=$(run_curl "$part" "$3" "$token") || status=$?
  # The server cannot go on where it stopped.
  if [ "$status" -ne 0 ] && [ -e "$part" ] && { [ "$status" -eq 33 ] || [ "\${answer%% *}" = 416 ]; }; then
    rm -f -- "$part"
    status=0
    answer=$(run_curl "$part" "$3" "$token") || status=$?
  fi
  case $answer in
    '401 '* | '403 '*) reason='the server refuses it: a token (HF_API_TOKEN, CIVITAI_API_TOKEN) is missing or has no access' ;;
    '404 '*) reason='the server has no such file' ;;
  esac
  return "$status"
}

# part url token
run_curl() {
  local config=''
  if [ -n "$3" ]; then config="header = \\"Authorization: Bearer $3\\""; fi
  printf '%s\\n' "$config" | curl --config - --fail --location --globoff --proto '=http,https' --connect-timeout 30 \\
    --retry 3 --continue-at - --output "$1" --write-out '%{http_code} ' --url "$2"
}

# file bytes
is_whole() {
  if [ ! -s "$1" ]; then
    reason='nothing came'
    return 1
  fi
  case $(head -c 9 "$1" | tr -d '\\0' | tr '[:upper:]' '[:lower:]') in
    '<!doctype' | '<html'*)
      reason='the address leads to a web page, not to a file; perhaps a token is missing'
      rm -f -- "$1"
      return 1
      ;;
  esac
  if [ "$2" -ne 0 ] && [ "$(size_of "$1")" != "$2" ]; then
    reason="$(size_of "$1") bytes came, elsewhere in the fleet it has $2"
    rm -f -- "$1"
    return 1
  fi
}

`;

const FOOT = `
if [ "\${#left_out[@]}" -gt 0 ]; then
  printf '\\nNot in this script:\\n' >&2
  printf '  %s\\n' "\${left_out[@]}" >&2
fi
if [ "\${#failed[@]}" -gt 0 ]; then
  printf '\\nFailed:\\n' >&2
  printf '  %s\\n' "\${failed[@]}" >&2
  exit 1
fi
`;

/** @param leftOut one sentence each */
export function bashScript(downloads: readonly ScriptDownload[], leftOut: readonly string[]): string {
  const fetches = downloads.map(
    ({ place, url, bytes }) =>
      `fetch ${bashLiteral(place.directory)} ${bashLiteral(place.file)} ${bashLiteral(url)} ${bytes ?? 0}\n`,
  );
  const others = leftOut.map((sentence) => `left_out+=(${bashLiteral(sentence)})\n`);
  return [HEAD, ...fetches, ...others, FOOT].join('');
}
