import type { DoctorFinding, DoctorReport, SystemInfo } from '../../shared/contract.ts';

export const TOPICS: Readonly<Record<DoctorFinding['topic'], string>> = {
  gpus: 'GPUs',
  driver: 'Driver',
  comfyui: 'ComfyUI',
  python: 'Python',
  ports: 'Ports',
  disk: 'Disk',
  electron: 'Electron',
  data: 'Data directory',
};

const RANK = { problem: 0, warning: 1, ok: 2 } as const;

/** Problems first; the order within one level stays. */
export function worstFirst(findings: readonly DoctorFinding[]): readonly DoctorFinding[] {
  return [...findings].sort((left, right) => RANK[left.level] - RANK[right.level]);
}

export function summaryOf(findings: readonly DoctorFinding[]): string {
  const count = (level: DoctorFinding['level']): number =>
    findings.filter((finding) => finding.level === level).length;
  const parts = [plural(count('problem'), 'problem'), plural(count('warning'), 'warning')].filter(
    (part) => part !== null,
  );
  return parts.length === 0 ? 'All is well.' : `${parts.join(' and ')} found.`;
}

/** For an issue report: plain text, one finding a line. */
export function reportText(report: DoctorReport, info: SystemInfo | null): string {
  const head = info === null ? [] : [`${info.name} ${info.version}, ${info.shell}, ${info.platform}`];
  const lines = worstFirst(report.findings).map(
    ({ level, topic, text, hint }) =>
      `[${level}] ${TOPICS[topic]}: ${text}${hint === null ? '' : ` ${hint}`}`,
  );
  return [...head, new Date(report.at).toISOString(), ...lines].join('\n');
}

function plural(count: number, word: string): string | null {
  return count === 0 ? null : `${count} ${word}${count === 1 ? '' : 's'}`;
}
