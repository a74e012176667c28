import { CopyButton } from '../components/copy-button.tsx';
import { Spinner } from '../components/spinner.tsx';
import { shellText } from './shell-text.ts';
import type { DraftChecking } from './use-draft-check.ts';

export interface CommandPreviewProps {
  readonly checking: DraftChecking;
  readonly platform: string;
}

/** Exactly what will be started. */
export function CommandPreview({ checking, platform }: CommandPreviewProps) {
  const { check, pending } = checking;
  const text = check === null ? '' : shellText(check.command, check.environment, platform);
  const known = check !== null && check.command.length > 0;
  return (
    <section className="command-preview" aria-labelledby="command-preview-title">
      <header>
        <h3 id="command-preview-title">What will be started</h3>
        <span className="command-preview-state" role="status">
          {pending && (
            <>
              <Spinner /> Checking…
            </>
          )}
        </span>
        <CopyButton label="Copy" text={() => text} disabled={!known} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0}>{known ? text : 'The command appears here once the fields are filled in.'}</pre>
    </section>
  );
}
