import {
  type Artifact,
  type RunDetail,
  type RunSummary,
  type Shard,
  shardsDone,
} from '../../../shared/runs.ts';
import type { ExitCode } from '../exit-codes.ts';
import { paint, type Terminal } from '../terminal.ts';
import { LiveLines } from './live-lines.ts';
import { duration, progressLines, shardName } from './progress-lines.ts';

/** Tells somebody how a run goes. */
export interface RunReporter {
  submitted(runId: string, name: string): void;
  run(run: RunSummary): void;
  shard(shard: Shard): void;
  /** @param file where --out has put it; null without --out */
  artifact(artifact: Artifact, file: string | null): void;
  line(isThere: boolean): void;
  done(detail: RunDetail, code: ExitCode): void;
  /** Gives the screen back; idempotent. */
  close(): void;
}

/** One JSON object a line, for programs. */
export class JsonReporter implements RunReporter {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  submitted(runId: string, name: string): void {
    this.#print({ event: 'submitted', runId, name });
  }

  run(run: RunSummary): void {
    this.#print({ event: 'run', run });
  }

  shard(shard: Shard): void {
    this.#print({ event: 'shard', shard });
  }

  artifact(artifact: Artifact, file: string | null): void {
    this.#print({ event: 'artifact', artifact, file });
  }

  line(isThere: boolean): void {
    this.#print({ event: 'connection', connected: isThere });
  }

  done({ run }: RunDetail, exitCode: ExitCode): void {
    this.#print({ event: 'done', runId: run.id, status: run.status, exitCode, error: run.error });
  }

  close(): void {}

  #print(value: unknown): void {
    this.#terminal.print(JSON.stringify(value));
  }
}

/** Lines for people; on a screen with bars below them. */
export class LineReporter implements RunReporter {
  readonly #terminal: Terminal;
  readonly #now: () => number;
  readonly #live: LiveLines | null;
  readonly #shards = new Map<string, Shard>();
  readonly #files: string[] = [];
  readonly #stopResizing: () => void;
  #run: RunSummary | null = null;

  /** @param now ms since the epoch */
  constructor(terminal: Terminal, now: () => number) {
    this.#terminal = terminal;
    this.#now = now;
    this.#live = terminal.screen === null ? null : new LiveLines(terminal.screen);
    this.#stopResizing = terminal.screen?.onResize(() => this.#draw()) ?? (() => undefined);
  }

  submitted(runId: string, name: string): void {
    this.#say(`“${name}” is submitted as ${runId}.`);
  }

  run(run: RunSummary): void {
    const isFirst = this.#run === null;
    this.#run = run;
    if (isFirst) {
      this.#say(`${modeWord(run)} on ${run.participants.join(', ')}: ${run.modeReason}`);
      for (const warning of run.warnings) this.#say(paint(this.#terminal, 'warning', `! ${warning}`));
    }
    this.#draw();
  }

  shard(shard: Shard): void {
    const key = `${shard.stage}/${shard.index}`;
    const before = this.#shards.get(key)?.status;
    this.#shards.set(key, shard);
    const sentence = before === shard.status ? null : this.#sentence(shard);
    if (sentence !== null) this.#say(sentence);
    this.#draw();
  }

  artifact(artifact: Artifact, file: string | null): void {
    this.#files.push(file ?? artifact.path);
  }

  line(isThere: boolean): void {
    this.#live?.clear();
    const text = isThere
      ? 'The control center is there again.'
      : 'The control center does not answer; it is looked for.';
    this.#terminal.printError(text);
  }

  done({ run, shards }: RunDetail): void {
    this.close();
    for (const { error, ...shard } of shards) {
      if (error === null) continue;
      const where =
        error.nodeType === null ? '' : ` (${error.nodeType} ${error.nodeId ?? ''})`.replace(' )', ')');
      this.#terminal.printError(`${capital(shardName(shard))}: ${error.message}${where}`);
    }
    for (const file of this.#files) this.#terminal.print(file);
    this.#terminal.print(finalSentence(run, this.#files.length));
  }

  close(): void {
    this.#stopResizing();
    this.#live?.clear();
    this.#run = null;
  }

  /** Where there are bars, they show what goes well. */
  #sentence(shard: Shard): string | null {
    const who = shard.attempts.at(-1)?.instanceName ?? null;
    const name = capital(shardName(shard));
    if (shard.status === 'failed') return paint(this.#terminal, 'error', `${name} failed.`);
    if (shard.status === 'queued' && shard.attempts.length > 0) {
      const reason = shard.attempts.at(-1)?.reason ?? 'its server was lost';
      return paint(this.#terminal, 'warning', `${name} goes elsewhere: ${reason}`);
    }
    if (this.#live !== null) return null;
    if (shard.status === 'running') return `${name} runs on ${who ?? '?'}.`;
    return shard.status === 'done' ? `${name} is done on ${who ?? '?'}.` : null;
  }

  #say(line: string): void {
    this.#live?.clear();
    this.#terminal.print(line);
    this.#draw();
  }

  #draw(): void {
    const { screen } = this.#terminal;
    if (this.#live === null || screen === null || this.#run === null) return;
    const state = { run: this.#run, shards: [...this.#shards.values()] };
    this.#live.draw(progressLines(state, screen.size(), this.#now()));
  }
}

function modeWord({ mode }: RunSummary): string {
  return { participating: 'Participating', 'orchestrator-only': 'Orchestrator only', fallback: 'Fallback' }[
    mode
  ];
}

function finalSentence(run: RunSummary, files: number): string {
  const word = { done: 'Done', partial: 'Partly done', failed: 'Failed', cancelled: 'Cancelled' };
  const end = run.status in word ? word[run.status as keyof typeof word] : run.status;
  const took = run.endedAt === null ? '' : ` in ${duration(run.endedAt - (run.startedAt ?? run.createdAt))}`;
  const count = `${files} ${files === 1 ? 'file' : 'files'}`;
  const error = run.error === null ? '' : ` ${run.error}`;
  return `${end}: ${shardsDone(run)} of ${run.shardCount} shards, ${count}${took}.${error}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
