import { homedir } from 'node:os';
import type { Tone } from '../../../shared/condition.ts';
import type { ControlClient, DoctorLevel, DoctorReport } from '../../../shared/contract.ts';
import { runDoctor } from '../../core/doctor/doctor.ts';
import { checkInstall } from '../../core/installs/check.ts';
import { CheckCache } from '../../core/installs/check-cache.ts';
import { findInstalls } from '../../core/installs/find.ts';
import { runCommand } from '../../core/programs/run-command.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { paint, type Terminal } from '../terminal.ts';

const MARKS: Readonly<Record<DoctorLevel, { readonly mark: string; readonly tone: Tone }>> = {
  ok: { mark: '✓', tone: 'ok' },
  warning: { mark: '!', tone: 'warning' },
  problem: { mark: '✗', tone: 'error' },
};

/** @param client null: the machine is looked at from here */
export async function printDoctor(
  client: ControlClient | null,
  terminal: Terminal,
  json: boolean,
  dataDirectory: string,
): Promise<ExitCode> {
  const report = client === null ? await examineHere(dataDirectory) : await client.invoke('doctor.run', {});
  if (json) terminal.print(JSON.stringify(report));
  else for (const line of doctorLines(report, terminal)) terminal.print(line);
  return report.findings.some((finding) => finding.level === 'problem') ? EXIT.failed : EXIT.ok;
}

export function doctorLines(report: DoctorReport, terminal: Terminal): readonly string[] {
  const lines = report.findings.flatMap(({ topic, level, text, hint }) => {
    const { mark, tone } = MARKS[level];
    const head = `${paint(terminal, tone, mark)} ${topic.padEnd(9)}${text}`;
    return hint === null ? [head] : [head, `${' '.repeat(11)}${hint}`];
  });
  const wrong = report.findings.filter((finding) => finding.level !== 'ok').length;
  return [
    ...lines,
    '',
    wrong === 0 ? 'All is well.' : `${wrong} of ${report.findings.length} want attention.`,
  ];
}

function examineHere(dataDirectory: string): Promise<DoctorReport> {
  const { env, platform } = process;
  const home = homedir();
  // Nothing is written: a doctor leaves no file in a data directory that may not even exist.
  const deps = { run: runCommand, cache: new CheckCache(null), env, platform, home };
  const find = () =>
    findInstalls({
      env,
      platform,
      home,
      cwd: process.cwd(),
      extra: [],
      check: (candidate) => checkInstall(candidate, deps),
    });
  return runDoctor({ environment: env, platform }, { find }, dataDirectory, []);
}
