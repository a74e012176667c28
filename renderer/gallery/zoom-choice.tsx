import { Segmented } from '../components/segmented.tsx';
import type { Zoom } from './zoom-stage.tsx';

const CHOICES = [
  { value: 'fit', label: 'Fit' },
  { value: '1', label: '1:1' },
  { value: '2', label: '2:1' },
] as const;
const ZOOMS: Readonly<Record<'fit' | '1' | '2', Zoom>> = { fit: 'fit', '1': 1, '2': 2 };

export interface ZoomChoiceProps {
  readonly zoom: Zoom;
  readonly onZoom: (zoom: Zoom) => void;
}

export function ZoomChoice({ zoom, onZoom }: ZoomChoiceProps) {
  const value = zoom === 'fit' ? 'fit' : zoom === 1 ? '1' : '2';
  return (
    <Segmented label="Zoom" value={value} options={CHOICES} onChange={(choice) => onZoom(ZOOMS[choice])} />
  );
}
