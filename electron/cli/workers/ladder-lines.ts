import type { Tone } from '../../../shared/condition.ts';
import { latencyWords, RUNG_WORDS, ratesWords, rungState } from '../../../shared/readiness-words.ts';
import { type Measured, type Readiness, RUNGS, type Rung, type RungState } from '../../../shared/remote.ts';
import { paint, type Terminal } from '../terminal.ts';

const GIBIBYTE = 1024 ** 3;
const SIGNS: Readonly<Record<RungState['status'], string>> = {
  waiting: '–',
  checking: '…',
  passed: '✓',
  warning: '!',
  failed: '✗',
};
const WIDTH = Math.max(...RUNGS.map((rung) => RUNG_WORDS[rung].length));

/** Prints each rung once, as soon as it is known; what a server says of itself must not steer the terminal. */
export class LadderPrinter {
  #printed = 0;

  constructor(private readonly terminal: Terminal) {}

  show(readiness: Readiness): void {
    for (const rung of RUNGS.slice(this.#printed)) {
      const { status } = readiness.rungs[rung];
      if (status === 'checking' || (status === 'waiting' && !readiness.done)) return;
      this.#printed += 1;
      for (const line of rungLines(readiness, rung, this.terminal)) this.terminal.print(line);
    }
  }
}

function rungLines(readiness: Readiness, rung: Rung, terminal: Terminal): readonly string[] {
  const state = readiness.rungs[rung];
  const { word, tone } = rungState(readiness, rung);
  const text = 'detail' in state ? state.detail : word;
  const head = `${paint(terminal, tone, SIGNS[state.status])} ${RUNG_WORDS[rung].padEnd(WIDTH)}  ${printable(text)}`;
  return [head, ...remedyLines(state, terminal)];
}

function remedyLines(state: RungState, terminal: Terminal): readonly string[] {
  if (state.status !== 'failed' && state.status !== 'warning') return [];
  const indent = ' '.repeat(WIDTH + 4);
  const line = (text: string, tone: Tone): string => indent + paint(terminal, tone, printable(text));
  const remedy = state.remedy === null ? [] : [line(state.remedy, 'neutral')];
  if (state.status === 'warning') return remedy;
  const { command, certificate } = state;
  return [
    ...remedy,
    ...(command === null ? [] : command.split('\n').map((one) => line(`  ${one}`, 'busy'))),
    ...(certificate === null
      ? []
      : [
          line(`${certificate.subject}, valid until ${certificate.validTo}`, 'neutral'),
          line(`If that is its certificate: --trust ${certificate.fingerprint}`, 'neutral'),
        ]),
  ];
}

/** "3 ms, up / down 94 / 101 MB/s, NVIDIA GeForce RTX 4090, 22.0 of 24.0 GiB free"; null while nothing was measured. */
export function measuredLine(measured: Measured): string | null {
  const { latencyMs, gpu, vramTotal, vramFree, version } = measured;
  const rates = ratesWords(measured);
  const facts = [
    version === null ? null : `ComfyUI ${version}`,
    latencyMs === null ? null : latencyWords(latencyMs),
    rates === null ? null : `up / down ${rates}`,
    gpu,
    vramTotal === null || vramFree === null
      ? null
      : `${(vramFree / GIBIBYTE).toFixed(1)} of ${(vramTotal / GIBIBYTE).toFixed(1)} GiB free`,
  ].filter((fact) => fact !== null);
  return facts.length === 0 ? null : printable(facts.join(', '));
}

/** What strangers say must not steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}]/gu, '?').slice(0, 500);
}
