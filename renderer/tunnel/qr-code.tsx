import { useMemo } from 'react';
import { encode } from 'uqr';

export interface QrCodeProps {
  readonly text: string;
  readonly label: string;
}

/** Dark on light in both themes: many readers know nothing else. The quiet zone is part of it. */
export function QrCode({ text, label }: QrCodeProps) {
  const { path, size } = useMemo(() => drawn(text), [text]);
  return (
    <svg
      className="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}

/** One run of dark modules is one rectangle. */
function drawn(text: string): { readonly path: string; readonly size: number } {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const parts: string[] = [];
  data.forEach((row, y) => {
    let from: number | null = null;
    for (let x = 0; x <= row.length; x += 1) {
      if (row[x]) from ??= x;
      else if (from !== null) {
        parts.push(`M${from} ${y}h${x - from}v1h${from - x}z`);
        from = null;
      }
    }
  });
  return { path: parts.join(''), size };
}
