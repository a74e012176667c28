import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from './button.tsx';
import { copyText } from './copy-text.ts';

const SHOWN_MS = 2000;
type Outcome = 'none' | 'copied' | 'refused';
const WORDS = { copied: 'Copied', refused: 'Select it and press Ctrl+C' };

export interface CopyButtonProps {
  readonly label: string;
  readonly text: () => string;
  readonly disabled?: boolean;
}

/** Says on itself whether the text is on the clipboard. */
export function CopyButton({ label, text, disabled }: CopyButtonProps) {
  const [outcome, setOutcome] = useState<Outcome>('none');
  useEffect(() => {
    if (outcome === 'none') return;
    const timer = setTimeout(() => setOutcome('none'), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  return (
    <Button
      size="s"
      icon={outcome === 'copied' ? Check : Copy}
      disabled={disabled}
      onClick={() => void copyText(text()).then((copied) => setOutcome(copied ? 'copied' : 'refused'))}
    >
      <span aria-live="polite">{outcome === 'none' ? label : WORDS[outcome]}</span>
    </Button>
  );
}
