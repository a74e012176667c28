import { isRecord } from '../plain-data.ts';
import type { FleetQuestions, Said } from './fleet-questions.ts';

type Stats = Readonly<Record<string, unknown>>;

/** GET /system_stats: the master's system with the devices of the whole fleet. @returns null when nobody answers */
export async function fleetStats(questions: FleetQuestions): Promise<Stats | null> {
  return mergeStats((await questions.all('/system_stats')).flatMap(readStats));
}

interface Known {
  readonly name: string;
  readonly stats: Stats;
}

/** Devices are named by their server where there are several. Pure. */
export function mergeStats(known: readonly Known[]): Stats | null {
  const [first] = known;
  if (first === undefined) return null;
  const devices = known.flatMap(({ name, stats }) => {
    const own: readonly unknown[] = Array.isArray(stats['devices']) ? stats['devices'] : [];
    if (known.length === 1) return own;
    return own.map((device) =>
      isRecord(device) ? { ...device, name: `${name}: ${String(device['name'] ?? '')}` } : device,
    );
  });
  return { ...first.stats, devices };
}

function readStats({ instance, text }: Said): readonly Known[] {
  try {
    const stats: unknown = JSON.parse(text);
    return isRecord(stats) ? [{ name: instance.name, stats }] : [];
  } catch {
    return [];
  }
}
