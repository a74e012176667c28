import { Download } from 'lucide-react';
import { useState } from 'react';
import type { Artifact } from '../../shared/runs.ts';
import { type Column, VirtualTable } from '../components/virtual-table.tsx';
import { baseName } from '../gallery/artifact-words.ts';
import { FileFace } from '../gallery/file-face.tsx';
import { Viewer } from '../gallery/viewer.tsx';
import { formatBytes } from '../store/format.ts';
import { useClient } from '../store/services.ts';

export function FilesTable({ artifacts }: { readonly artifacts: readonly Artifact[] }) {
  const client = useClient();
  const [viewed, setViewed] = useState<string | null>(null);
  if (artifacts.length === 0) return <p className="run-note">No file has come home yet.</p>;
  const columns: readonly Column<Artifact>[] = [
    {
      id: 'name',
      title: 'Name',
      width: 'minmax(180px, 1fr)',
      cell: (artifact) => (
        <button type="button" className="file-open" onClick={() => setViewed(artifact.id)}>
          <span className="file-face">
            <FileFace artifact={artifact} bare />
          </span>
          <span className="truncate">{artifact.name}</span>
        </button>
      ),
    },
    { id: 'node', title: 'Node', width: '120px', cell: (artifact) => artifact.node },
    { id: 'shard', title: 'Shard', width: '48px', numeric: true, cell: (artifact) => artifact.shard },
    { id: 'where', title: 'Made by', width: '110px', cell: (artifact) => artifact.instanceName },
    {
      id: 'size',
      title: 'Size',
      width: '72px',
      numeric: true,
      cell: (artifact) => formatBytes(artifact.bytes),
    },
    {
      id: 'save',
      title: 'Save',
      width: '40px',
      cell: (artifact) => (
        <a
          className="icon-button icon-button-s"
          href={client.fileUrl(artifact.url)}
          download={baseName(artifact)}
          aria-label={`Save ${baseName(artifact)}`}
        >
          <Download size={14} strokeWidth={1.8} aria-hidden="true" />
        </a>
      ),
    },
  ];
  return (
    <div className="run-table">
      <VirtualTable label="Files" columns={columns} rows={artifacts} rowKey={(artifact) => artifact.id} />
      {viewed !== null && (
        <Viewer artifacts={artifacts} id={viewed} onMove={setViewed} onClose={() => setViewed(null)} />
      )}
    </div>
  );
}
