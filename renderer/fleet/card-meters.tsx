import type { InstanceSnapshot } from '../../shared/model.ts';
import { Meter } from '../components/meter.tsx';
import { MeasuredList } from '../readiness/measured-list.tsx';
import { selectGpu } from '../store/selectors.ts';
import { useFleet, useTelemetry } from '../store/services.ts';
import { gpuReadings, hostReadings } from './gpu-readings.ts';
import { measuredOf } from './remote-words.ts';

/** The only part of a card that renders with every telemetry sample. */
export function CardMeters({ instance }: { readonly instance: InstanceSnapshot }) {
  const gpu = useFleet(selectGpu(instance));
  const samples = useTelemetry((state) => state.samples);
  if (gpu?.health === 'lost') {
    return <p className="card-no-meters">This GPU fell off the bus: restart the machine to get it back.</p>;
  }
  if (gpu === null && instance.remote !== null) return <MeasuredList measured={measuredOf(instance)} />;
  if (gpu === null && (instance.device !== 'cpu' || instance.type !== 'local')) {
    return <p className="card-no-meters">No readings: the GPU is not on this machine or not known.</p>;
  }
  const readings = gpu === null ? hostReadings(samples) : gpuReadings(gpu, samples);
  return (
    <div className="card-meters">
      {readings.map(({ id, ...reading }) => (
        <Meter key={id} {...reading} />
      ))}
    </div>
  );
}
