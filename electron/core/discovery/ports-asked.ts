import { MOST_SCANNED_PORTS } from '../../../shared/discovery.ts';
import { EnsembleError } from '../../../shared/errors.ts';

const LAST_PORT = 65_535;

/**
 * @param text "8188-8191,8200"
 * @returns each once, in order
 * @throws EnsembleError('bad-argument') that says which part is wrong
 */
export function portsAsked(text: string): readonly number[] {
  const ports = new Set<number>();
  const parts = text.split(',').map((part) => part.trim());
  for (const part of parts) {
    const [, first, last] = /^(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?$/.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last ?? first)];
    if (first === undefined || from < 1 || to > LAST_PORT || from > to) throw wrong(part);
    // Before the loop: a wide range is refused, not walked.
    if (to - from >= MOST_SCANNED_PORTS) throw tooMany();
    for (let port = from; port <= to; port += 1) ports.add(port);
    if (ports.size > MOST_SCANNED_PORTS) throw tooMany();
  }
  return [...ports].sort((left, right) => left - right);
}

function wrong(part: string): EnsembleError {
  return EnsembleError.badArgument(
    'ports',
    `“${part.slice(0, 40)}” is neither a port nor a range of ports.`,
    'Write e.g. 8188-8191, or 8188,8200.',
  );
}

function tooMany(): EnsembleError {
  return EnsembleError.badArgument(
    'ports',
    `At most ${MOST_SCANNED_PORTS} ports are asked at once.`,
    'Name fewer ports.',
  );
}
