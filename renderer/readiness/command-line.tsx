import { CopyButton } from '../components/copy-button.tsx';
import './readiness.css';

export interface CommandLineProps {
  readonly text: string;
  /** Spoken name of what it is for. */
  readonly label: string;
}

/** A command to be run on another machine. */
export function CommandLine({ text, label }: CommandLineProps) {
  return (
    <section className="command-line" aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton label="Copy" text={() => text} />
    </section>
  );
}
