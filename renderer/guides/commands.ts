import { shellText } from '../worker-dialog/shell-text.ts';
import type { GuideCommand, GuideValues } from './guide.ts';

/** Commands with the person's own values in them, safe to paste whatever these hold. Pure. */

const POSIX = 'Linux, macOS';
const WINDOWS = 'Windows (PowerShell)';

export function command(label: string, words: readonly string[], platform = 'linux'): GuideCommand {
  return { label, text: shellText(words, {}, platform) };
}

/** @param device of several GPUs there; null = left to ComfyUI */
export function startComfy(
  { folder, port }: GuideValues,
  listens: boolean,
  device: string | null = null,
): readonly GuideCommand[] {
  const words = ['python', 'main.py', ...(listens ? ['--listen'] : []), '--port', port];
  const environment: Readonly<Record<string, string>> =
    device === null ? {} : { CUDA_VISIBLE_DEVICES: device };
  const on = (platform: string): readonly string[] => [
    shellText(['cd', folder], {}, platform),
    shellText(words, environment, platform),
  ];
  return [
    { label: POSIX, text: on('linux').join(' && ') },
    { label: WINDOWS, text: on('win32').join('; ') },
  ];
}

export function openFirewall(port: string): readonly GuideCommand[] {
  const rule = shellText(['New-NetFirewallRule', '-DisplayName', `ComfyUI ${port}`], {}, 'win32');
  const what = shellText(['-LocalPort', port, '-Protocol', 'TCP'], {}, 'win32');
  return [
    command('Linux with ufw', ['sudo', 'ufw', 'allow', `${port}/tcp`]),
    {
      label: 'Linux with firewalld',
      text: `${shellText(['sudo', 'firewall-cmd', '--permanent', `--add-port=${port}/tcp`], {}, 'linux')} && sudo firewall-cmd --reload`,
    },
    {
      label: 'Windows (PowerShell as administrator)',
      text: `${rule} -Direction Inbound ${what} -Action Allow`,
    },
  ];
}

export function ask(url: string): GuideCommand {
  return command('On this machine', ['curl', `${url}/system_stats`]);
}

/** The variable stays one: a token belongs neither into a guide nor into a history of commands. */
export function askWithToken(label: string, url: string): GuideCommand {
  return { label, text: `${shellText(['curl', url], {}, 'linux')} -H "Authorization: Bearer $TOKEN"` };
}

const RELEASES = 'https://github.com/cloudflare/cloudflared/releases/latest/download';

export const INSTALL_CLOUDFLARED: readonly GuideCommand[] = [
  {
    label: 'Linux',
    text: `curl -fL -o cloudflared ${RELEASES}/cloudflared-linux-amd64 && chmod +x cloudflared`,
  },
  { label: 'macOS', text: 'brew install cloudflared' },
  { label: 'Windows', text: 'winget install --id Cloudflare.cloudflared' },
];

/** "[fe80::1]:8188", "gpu.lan:8188" */
export function authority({ host, port }: Pick<GuideValues, 'host' | 'port'>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** One more than it; as it is where it is no port. */
export function nextPort(port: string): string {
  return /^\d{1,5}$/.test(port) ? String(Number(port) + 1) : port;
}
