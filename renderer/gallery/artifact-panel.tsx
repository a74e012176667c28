import { ClipboardCopy, Copy, Dices, Download, ListVideo } from 'lucide-react';
import type { Artifact } from '../../shared/runs.ts';
import { Button } from '../components/button.tsx';
import { useServices } from '../store/services.ts';
import { copyImage, copySeed, takeSeed } from './artifact-actions.ts';
import { baseName, sizeWords } from './artifact-words.ts';

export interface ArtifactPanelProps {
  readonly artifact: Artifact;
  /** Called before something else is opened. */
  readonly onLeave: () => void;
}

/** Where a file came from, and what can be done with it. */
export function ArtifactPanel({ artifact, onLeave }: ArtifactPanelProps) {
  return (
    <aside className="artifact-panel" aria-label="About this file">
      <Actions artifact={artifact} onLeave={onLeave} />
      <dl className="artifact-facts">
        {factsOf(artifact).map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function Actions({ artifact, onLeave }: ArtifactPanelProps) {
  const services = useServices();
  const { seed } = artifact;
  return (
    <div className="artifact-actions">
      {seed !== null && (
        <Button
          variant="primary"
          icon={Dices}
          onClick={() => {
            onLeave();
            takeSeed(services, artifact);
          }}
        >
          Use this seed
        </Button>
      )}
      <a
        className="button button-secondary button-m"
        href={services.client.fileUrl(artifact.url)}
        download={baseName(artifact)}
      >
        <Download size={14} strokeWidth={1.8} aria-hidden="true" />
        <span className="truncate">Save</span>
      </a>
      {artifact.kind === 'image' && (
        <Button icon={ClipboardCopy} onClick={() => void copyImage(services, artifact)}>
          Copy image
        </Button>
      )}
      {seed !== null && (
        <Button icon={Copy} onClick={() => void copySeed(services, seed)}>
          Copy seed
        </Button>
      )}
      <Button
        icon={ListVideo}
        onClick={() => {
          onLeave();
          services.ui.getState().openRun(artifact.runId);
        }}
      >
        Open run
      </Button>
    </div>
  );
}

export function factsOf(artifact: Artifact): readonly (readonly [string, string])[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['Workflow', artifact.runName],
    ['Seed', artifact.seed],
    ['Made by', artifact.instanceName],
    ['Took', artifact.seconds === null ? null : `${artifact.seconds.toFixed(1)} s`],
    ['Size', sizeWords(artifact)],
    ['Shard', artifact.stage === 2 ? 'Second pass on the master' : String(artifact.shard)],
    ['Node', artifact.node],
    ['Came home', new Date(artifact.at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' })],
    ['Name', artifact.name],
    ['Path', artifact.path],
  ];
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== null);
}
