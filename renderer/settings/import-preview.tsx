import type { ImportPreview } from '../../shared/contract.ts';
import { Button } from '../components/button.tsx';

export interface ImportPreviewListProps {
  readonly preview: ImportPreview;
  readonly busy: boolean;
  readonly onApply: () => void;
}

export function ImportPreviewList({ preview, busy, onApply }: ImportPreviewListProps) {
  const { changes, skipped } = preview;
  return (
    <div className="import-preview" role="status">
      <h3>{changes.length === 0 ? 'Nothing would change' : 'What will change'}</h3>
      <Sentences list={changes} />
      {skipped.length > 0 && <h3>What is left out</h3>}
      <Sentences list={skipped} />
      {changes.length > 0 && (
        <Button variant="primary" busy={busy} onClick={onApply}>
          Import…
        </Button>
      )}
    </div>
  );
}

function Sentences({ list }: { readonly list: readonly string[] }) {
  if (list.length === 0) return null;
  return (
    <ul>
      {list.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
