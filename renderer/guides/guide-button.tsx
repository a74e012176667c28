import { BookOpen } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { useServices } from '../store/services.ts';
import type { GuideId } from '../store/ui-store.ts';

export interface GuideButtonProps {
  readonly guide: GuideId;
  readonly label: string;
}

/** Leads to a guide from wherever one may need it. */
export function GuideButton({ guide, label }: GuideButtonProps) {
  const { ui } = useServices();
  return (
    <Button
      size="s"
      variant="ghost"
      icon={BookOpen}
      onClick={() => ui.getState().openDialog({ kind: 'guides', guide })}
    >
      {label}
    </Button>
  );
}
