import { powershellLiteral } from './quoting.ts';
import type { ScriptDownload } from './script.ts';

/** As the bash script; ASCII alone, for Windows PowerShell 5.1 as well as for PowerShell 7. */
const HEAD = `# Downloads models into a ComfyUI folder. Made by Comfy Ensemble.
#
#   powershell -ExecutionPolicy Bypass -File THIS-FILE [FOLDER]
#
# FOLDER holds ComfyUI's "models"; without it, the current folder is taken. What is there already is left alone, so run it
# again after a failure. It downloads with comfy (comfy-cli) where that is installed, else with curl, which also goes on
# with a file that it has begun. Gated models need CIVITAI_API_TOKEN or HF_API_TOKEN in the environment.
param([string]$Folder = '.')
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

if (-not (Test-Path -LiteralPath (Join-Path $Folder 'models') -PathType Container)) {
  [Console]::Error.WriteLine("There is no folder ""models"" in $Folder. Name the folder of ComfyUI after the script.")
  exit 2
}
$script:Root = (Resolve-Path -LiteralPath $Folder).ProviderPath
$script:Failed = @()
$script:LeftOut = @()
$script:Reason = ''

# A batch file would read its arguments as commands.
function Find-Tool([string[]]$Names) {
  Get-Command -Name $Names -CommandType Application -ErrorAction SilentlyContinue |
    Where-Object { $_.Path -notmatch '\\.(bat|cmd)$' } | Select-Object -First 1 -ExpandProperty Path
}
$script:Comfy = Find-Tool @('comfy')
$script:Curl = Find-Tool @('curl.exe', 'curl')
if (-not $script:Comfy -and -not $script:Curl) {
  [Console]::Error.WriteLine('Neither comfy nor curl is here. Install one: pip install comfy-cli')
  exit 2
}

function Get-Size([string]$File) {
  (Get-Item -LiteralPath $File -Force).Length
}

function Get-Model([string]$Directory, [string]$File, [string]$Url, [long]$Bytes) {
  $name = "$Directory/$File"
  $within = Join-Path $script:Root $Directory
  $target = Join-Path $within $File
  if (Test-Path -LiteralPath $target) {
    if ($Bytes -ne 0 -and (Get-Size $target) -ne $Bytes) {
      $there = Get-Size $target
      $script:Failed += "$name\`: it is there with $there bytes, elsewhere in the fleet it has $Bytes. Delete it to download it anew."
    } else {
      Write-Host "There already: $name"
    }
    return
  }
  Write-Host "Downloading $name"
  $script:Reason = 'the download failed, see above'
  $part = "$target.part"
  try {
    [void][System.IO.Directory]::CreateDirectory($within)
    if ($script:Comfy) { Invoke-Comfy $Directory $File $Url $part } else { Invoke-Curl $Url $part $Bytes }
    Assert-Whole $part $Bytes
    [System.IO.File]::Move($part, $target)
    Write-Host "Done: $name"
  } catch {
    if ($_.Exception.Message -ne 'failed') { $script:Reason = $_.Exception.Message }
    $script:Failed += "$name\`: $($script:Reason)"
  }
}

function Invoke-Comfy([string]$Directory, [string]$File, [string]$Url, [string]$Part) {
  # It begins every file anew, and takes no name that is there. It reads the tokens from the environment itself.
  if (Test-Path -LiteralPath $Part) { Remove-Item -LiteralPath $Part -Force }
  & $script:Comfy --skip-prompt "--workspace=$($script:Root)" model download "--url=$Url" "--relative-path=$Directory" "--filename=$File.part" | Out-Host
  if ($LASTEXITCODE -ne 0) { throw 'failed' }
}

function Invoke-Curl([string]$Url, [string]$Part, [long]$Bytes) {
  if ($Bytes -ne 0 -and (Test-Path -LiteralPath $Part) -and (Get-Size $Part) -eq $Bytes) { return }
  $token = ''
  if ($Url.StartsWith('https://huggingface.co/')) { $token = $env:HF_API_TOKEN }
  if ($Url.StartsWith('https://civitai.com/')) { $token = $env:CIVITAI_API_TOKEN }
  $answer = Start-Curl $Url $Part $token
  $status = $LASTEXITCODE
  # The server cannot go on where it stopped.
  if ($status -ne 0 -and (Test-Path -LiteralPath $Part) -and ($status -eq 33 -or $answer.StartsWith('416 '))) {
    Remove-Item -LiteralPath $Part -Force
    $answer = Start-Curl $Url $Part $token
    $status = $LASTEXITCODE
  }
  if ($status -eq 0) { return }
  if ($answer -match '^40[13] ') { throw 'the server refuses it: a token (HF_API_TOKEN, CIVITAI_API_TOKEN) is missing or has no access' }
  if ($answer -match '^404 ') { throw 'the server has no such file' }
  throw 'failed'
}

function Start-Curl([string]$Url, [string]$Part, [string]$Token) {
  $config = ''
  if ($Token) { $config = 'header = "Authorization: Bearer ' + $Token + '"' }
  $config | & $script:Curl --config - --fail --location --globoff --proto '=http,https' --connect-timeout 30 --retry 3 --continue-at - --output $Part --write-out '%{http_code} ' --url $Url | Out-String
}

function Test-Page([string]$File) {
  $bytes = New-Object byte[] 9
  $stream = [System.IO.File]::OpenRead($File)
  try { [void]$stream.Read($bytes, 0, 9) } finally { $stream.Dispose() }
  [System.Text.Encoding]::ASCII.GetString($bytes) -match '^(<!doctype|<html)'
}

function Assert-Whole([string]$Part, [long]$Bytes) {
  if (-not (Test-Path -LiteralPath $Part) -or (Get-Size $Part) -eq 0) { throw 'nothing came' }
  if (Test-Page $Part) {
    Remove-Item -LiteralPath $Part -Force
    throw 'the address leads to a web page, not to a file; perhaps a token is missing'
  }
  $came = Get-Size $Part
  if ($Bytes -ne 0 -and $came -ne $Bytes) {
    Remove-Item -LiteralPath $Part -Force
    throw "$came bytes came, elsewhere in the fleet it has $Bytes"
  }
}

`;

const FOOT = `
if ($script:LeftOut.Count -gt 0) {
  [Console]::Error.WriteLine('Not in this script:')
  foreach ($sentence in $script:LeftOut) { [Console]::Error.WriteLine("  $sentence") }
}
if ($script:Failed.Count -gt 0) {
  [Console]::Error.WriteLine('Failed:')
  foreach ($sentence in $script:Failed) { [Console]::Error.WriteLine("  $sentence") }
  exit 1
}
`;

/** @param leftOut one sentence each */
export function powershellScript(downloads: readonly ScriptDownload[], leftOut: readonly string[]): string {
  const literal = powershellLiteral;
  const fetches = downloads.map(({ place: { directory, file }, url, bytes }) =>
    ['Get-Model', literal(directory), literal(file), literal(url), `${bytes ?? 0}\n`].join(' '),
  );
  const others = leftOut.map((sentence) => `$script:LeftOut += ${literal(sentence)}\n`);
  return [HEAD, ...fetches, ...others, FOOT].join('');
}
