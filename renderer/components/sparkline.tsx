const WIDTH = 120;
const HEIGHT = 20;

/** The line's path in a WIDTH × HEIGHT box; gaps where a value is unknown. Newest at the right edge. */
export function sparklinePath(values: readonly (number | null)[], capacity: number): string {
  const step = WIDTH / Math.max(1, capacity - 1);
  const offset = WIDTH - step * (values.length - 1);
  let path = '';
  let pen = 'M';
  values.forEach((value, index) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    const y = HEIGHT - 1 - Math.min(1, Math.max(0, value)) * (HEIGHT - 2);
    path += `${pen}${(offset + index * step).toFixed(1)} ${y.toFixed(1)}`;
    pen = 'L';
  });
  return path;
}

export interface SparklineProps {
  /** Oldest first, 0..1. */
  readonly values: readonly (number | null)[];
  /** Samples that fill the width. */
  readonly capacity?: number;
}

export function Sparkline({ values, capacity = 60 }: SparklineProps) {
  const line = sparklinePath(values, capacity);
  const known = values.length > 1 && values.every((value) => value !== null);
  const start = WIDTH - (WIDTH / Math.max(1, capacity - 1)) * (values.length - 1);
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      {known && <path className="sparkline-area" d={`${line}L${WIDTH} ${HEIGHT}L${start} ${HEIGHT}Z`} />}
      {line !== '' && <path className="sparkline-line" d={line} vectorEffect="non-scaling-stroke" />}
    </svg>
  );
}
