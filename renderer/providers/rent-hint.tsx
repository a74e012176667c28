import { Receipt } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { useServices } from '../store/services.ts';
import './providers.css';

/** Where a cloud worker is added: somebody without one can rent one. */
export function RentHint() {
  const { ui } = useServices();
  return (
    <div className="rent-hint">
      <p>No server yet? Rent one: it becomes a worker by itself, and is given back when its time is over.</p>
      <Button
        size="s"
        icon={Receipt}
        onClick={() => ui.getState().openDialog({ kind: 'rent', provider: null })}
      >
        Rent a worker…
      </Button>
    </div>
  );
}
