import { spawn } from 'node:child_process';
import { distFile } from '../../setup/dist.ts';
import { Program } from './host.ts';
import type { Link } from './network.ts';
import { until } from './until.ts';
import type { Workplace } from './workplace.ts';

interface AgentLine {
  readonly pid: number;
  readonly agent: { readonly id: string; readonly code: string; readonly fingerprint: string };
}

/** `ensemble agent` as a person starts it. */
export class Agent {
  private constructor(
    private readonly program: Program,
    readonly line: AgentLine,
  ) {}

  static async start(
    place: Workplace,
    link: Link,
    port: number,
    environment: NodeJS.ProcessEnv,
  ): Promise<Agent> {
    const [file = process.execPath, ...before] = [...link.prefix, process.execPath];
    const options = ['--name', 'cellar', '--host', link.listen, '--port', String(port), '--demo=2', '--json'];
    const args = [...before, distFile('cli.cjs'), 'agent', ...options, '--data', place.data];
    const env = place.environment(environment);
    const program = new Program(spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'] }));
    let dead = false;
    void program.ended.then(() => {
      dead = true;
    });
    await until('the agent says where it is', () => program.stdout.includes('\n') || dead);
    if (!program.stdout.includes('\n')) throw new Error(`The agent ended: ${program.stderr}`);
    return new Agent(program, JSON.parse(program.stdout));
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    try {
      process.kill(this.line.pid, signal);
    } catch {
      // It has ended by itself.
    }
    await this.program.ended;
  }
}
