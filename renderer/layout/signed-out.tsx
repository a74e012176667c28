import { KeyRound } from 'lucide-react';
import { EmptyState } from '../components/empty-state.tsx';

/** The browser's cookie is gone: only a new link from the machine itself helps. */
export function SignedOut() {
  return (
    <main className="signed-out">
      <h1 className="visually-hidden">Comfy Ensemble</h1>
      <EmptyState
        icon={KeyRound}
        title="This page is signed out"
        text={
          <>
            On the machine that runs the control center, run <code className="mono">npx ensemble open</code>{' '}
            and use the link it prints.
          </>
        }
      />
    </main>
  );
}
