import type { RemoteType } from '../../shared/remote.ts';
import { GuideButton } from '../guides/guide-button.tsx';
import { CommandLine } from '../readiness/command-line.tsx';

export interface OtherMachineProps {
  readonly type: RemoteType;
  /** Of its ComfyUI; null while it is not known, e.g. behind a proxy. */
  readonly port: number | null;
}

const COMFYUI_PORT = 8188;

/** What is to be run on the machine that is to become a worker. */
export function OtherMachine({ type, port }: OtherMachineProps) {
  return (
    <section className="other-machine" aria-labelledby="other-machine-title">
      <h3 id="other-machine-title">On the other machine</h3>
      {type === 'remote' ? <InTheNetwork port={port ?? COMFYUI_PORT} /> : <InTheCloud />}
      <GuideButton guide={type === 'remote' ? 'remote' : 'runpod'} label="Step by step" />
    </section>
  );
}

function InTheNetwork({ port }: { readonly port: number }) {
  return (
    <>
      <p>Start ComfyUI so that other machines reach it:</p>
      <CommandLine label="Command that starts ComfyUI there" text={startCommand(port)} />
      <p>
        Nothing is installed there, and <code className="mono">--enable-cors-header</code> is not needed.
        Anybody in the network can use it then: do this only in a network that you trust.
      </p>
      <details>
        <summary>It does not answer? Let port {port} through its firewall</summary>
        <p>Linux with ufw:</p>
        <CommandLine label="Firewall command for Linux" text={`sudo ufw allow ${port}/tcp`} />
        <p>Windows, in a PowerShell that runs as administrator:</p>
        <CommandLine label="Firewall command for Windows" text={windowsCommand(port)} />
        <p>macOS asks by itself when ComfyUI starts: choose “Allow”.</p>
      </details>
    </>
  );
}

function InTheCloud() {
  return (
    <>
      <p>
        <strong>Runpod:</strong> expose HTTP port {COMFYUI_PORT} of the pod, start ComfyUI in it, and paste
        the address under “Connect”, <code className="mono">POD-{COMFYUI_PORT}.proxy.runpod.net</code>.
      </p>
      <CommandLine label="Command that starts ComfyUI there" text={startCommand(COMFYUI_PORT)} />
      <p>
        <strong>Anywhere else:</strong> a tunnel gives it an https address, which it prints:
      </p>
      <CommandLine
        label="Command that starts a tunnel there"
        text={`cloudflared tunnel --url http://127.0.0.1:${COMFYUI_PORT}`}
      />
      <p>
        A proxy of your own does as well: any https address and port, with a path and access headers where it
        asks for them.
      </p>
    </>
  );
}

function startCommand(port: number): string {
  return `python main.py --listen 0.0.0.0 --port ${port}`;
}

function windowsCommand(port: number): string {
  return `New-NetFirewallRule -DisplayName ComfyUI -Direction Inbound -Protocol TCP -LocalPort ${port} -Action Allow`;
}
