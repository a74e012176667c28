import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { type ModelReport, type NamedModel, summaryOf } from '../../shared/models.ts';
import { Banner } from '../components/banner.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { EmptyState } from '../components/empty-state.tsx';
import { Segmented } from '../components/segmented.tsx';
import { AddressDialog } from './address-dialog.tsx';
import { InstanceVerdicts } from './instance-verdicts.tsx';
import { isMissing, rowsOf } from './model-words.ts';
import { ModelTable } from './models-table.tsx';
import { ScriptBar } from './script-bar.tsx';

export interface ModelsDialogProps {
  readonly workflow: string;
  readonly report: ModelReport;
  readonly checking: boolean;
  readonly onCheck: () => void;
  readonly onClose: () => void;
}

/** Every model of a workflow on every instance, where it can be downloaded, and the script that does it. */
export function ModelsDialog({ workflow, report, checking, onCheck, onClose }: ModelsDialogProps) {
  const missing = report.models.filter(isMissing).length;
  const [onlyMissing, setOnlyMissing] = useState(missing > 0);
  const [editing, setEditing] = useState<NamedModel | null>(null);
  const rows = rowsOf(report, onlyMissing);
  return (
    <Dialog
      className="models-dialog"
      size="l"
      title="Models of this workflow"
      description={`${summaryOf(report)}.`}
      onClose={onClose}
      footer={
        <>
          <ScriptBar workflow={workflow} report={report} />
          <Button icon={RefreshCw} busy={checking} onClick={onCheck}>
            Check again
          </Button>
        </>
      }
    >
      <div className="models-body">
        {report.warnings.map((warning) => (
          <Banner key={warning} tone="warning" title="Note:" text={warning} />
        ))}
        <InstanceVerdicts instances={report.instances} />
        <Segmented
          label="Which models"
          value={onlyMissing ? 'missing' : 'all'}
          options={[
            { value: 'missing', label: `Missing (${missing})` },
            { value: 'all', label: `All (${report.models.length})` },
          ]}
          onChange={(value) => setOnlyMissing(value === 'missing')}
        />
        {rows.length === 0 ? (
          <EmptyState
            title={onlyMissing ? 'Nothing is missing' : 'No models'}
            text={
              onlyMissing
                ? 'Every instance that answers has every model of this workflow.'
                : 'This workflow names no model file.'
            }
          />
        ) : (
          <ModelTable rows={rows} instances={report.instances} onAddress={setEditing} />
        )}
      </div>
      {editing !== null && (
        <AddressDialog model={editing} onSaved={onCheck} onClose={() => setEditing(null)} />
      )}
    </Dialog>
  );
}
