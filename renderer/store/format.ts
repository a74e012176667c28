/** Numbers and times as people read them. Pure. */

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** @param bytes e.g. 25769803776 → "24 GB"; one decimal below 100, none where it is .0 */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${formatNumber(value)} ${UNITS[unit] ?? 'TB'}`;
}

/** "11.2 / 24 GB", "3.1 / 6.3 TB": both in the unit of the total. */
export function formatBytesOf(used: number | null, total: number): string {
  const terabytes = total >= 1024 ** 4;
  const size = terabytes ? 1024 ** 4 : 1024 ** 3;
  const usedText = used === null ? '–' : formatNumber(used / size);
  return `${usedText} / ${formatNumber(total / size)} ${terabytes ? 'TB' : 'GB'}`;
}

/** @param watts e.g. 1331 → "1331 W", 45037 → "45 kW" */
export function formatWatts(watts: number): string {
  return watts < 10_000 ? `${Math.round(watts)} W` : `${formatNumber(watts / 1000)} kW`;
}

function formatNumber(value: number): string {
  const text = value >= 100 ? value.toFixed(0) : value.toFixed(1);
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

/** @param ms e.g. 3_725_000 → "1 h 2 min" */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** "just now", "5 min ago". */
export function formatAgo(at: number, now: number): string {
  return now - at < 5000 ? 'just now' : `${formatDuration(now - at)} ago`;
}
