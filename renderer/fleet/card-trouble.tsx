import { Activity } from 'lucide-react';
import type { InstanceSnapshot } from '../../shared/model.ts';
import { Button } from '../components/button.tsx';
import { testAgain } from '../readiness/test-again.ts';
import { useServices } from '../store/services.ts';
import type { Trouble } from './remote-words.ts';

export interface CardTroubleProps {
  readonly instance: InstanceSnapshot;
  readonly trouble: Trouble;
}

/** Replaces the middle of a card of a worker elsewhere: cause in words, what to do, and a test that tells whether it helped. */
export function CardTrouble({ instance, trouble }: CardTroubleProps) {
  const services = useServices();
  return (
    <div className="card-failure">
      <p className="card-failure-cause" dir="auto">
        {trouble.cause}
      </p>
      {trouble.remedy !== null && <p className="card-failure-remedy">{trouble.remedy}</p>}
      <Button
        size="s"
        icon={Activity}
        busy={instance.remote?.readiness?.done === false}
        onClick={() => void testAgain(services, instance)}
      >
        Test again
      </Button>
    </div>
  );
}
