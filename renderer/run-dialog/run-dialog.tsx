import { Play } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isUsable } from '../../shared/condition.ts';
import type { InstanceSnapshot } from '../../shared/model.ts';
import type { RunOptions } from '../../shared/runs.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Shortcut } from '../components/shortcut.tsx';
import { ModelsPanel } from '../models/models-panel.tsx';
import { selectInstances } from '../store/selectors.ts';
import { useFleet, useServices } from '../store/services.ts';
import type { RunSource } from '../store/ui-store.ts';
import { blockReason, runLabel } from './block-reason.ts';
import { PlanView } from './plan-view.tsx';
import './run-dialog.css';
import { applyWantedSeed, EMPTY_FORM, formOf, type RunForm, readRunForm, withMaster } from './run-form.ts';
import { RunOptionsForm } from './run-options-form.tsx';
import { submitRun } from './submit-run.ts';
import { type Planning, usePlan } from './use-plan.ts';
import { useWorkflow, type WorkflowHandle } from './use-workflow.ts';
import { WorkflowSource } from './workflow-source.tsx';

export interface RunDialogProps {
  /** null = the last workflow of this window, or an empty dialog. */
  readonly source: RunSource | null;
  readonly onClose: () => void;
}

/** A workflow, what will happen with it, and the button that makes it happen. */
export function RunDialog({ source, onClose }: RunDialogProps) {
  const [form, setForm] = useState<RunForm>(EMPTY_FORM);
  const wanted = source?.kind === 'run' ? source.seed : null;
  const workflow = useWorkflow(source, (options) => setForm(formOf(options, wanted)));
  const [name, setName] = useRunName(workflow);
  const master = useFleet((state) => selectInstances(state).find(({ role }) => role === 'master') ?? null);
  const reading = readRunForm(form);
  const { problems } = reading;
  const options = reading.options === null ? null : withMaster(reading.options, master);
  const fleet = useFleet((state) => fleetKey(selectInstances(state)));
  const planning = usePlan(workflow.workflow?.text ?? null, options, fleet);
  useWantedSeed(planning, form, setForm);
  const reason = blockReason(workflow, name, problems, planning, form.wantedSeed !== null);
  const { busy, run } = useSubmit(workflow, name, options, onClose);
  const canRun = workflow.workflow !== null && reason === null && !busy;
  useRunKey(() => {
    if (canRun) void run();
  });
  return (
    <Dialog
      className="run-dialog"
      size="l"
      title="Run workflow"
      onClose={onClose}
      footer={
        <>
          <p className="run-reason" role="status">
            {reason}
          </p>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" icon={Play} busy={busy} disabled={!canRun} onClick={() => void run()}>
            {runLabel(planning)}
          </Button>
        </>
      }
    >
      <div className="run-dialog-body">
        <WorkflowSource workflow={workflow} name={name} onName={setName} />
        {workflow.workflow !== null && <ModelsPanel workflow={workflow.workflow.text} fleet={fleet} />}
        {workflow.workflow !== null && (
          <div className="run-dialog-columns">
            <RunOptionsForm
              form={form}
              problems={problems}
              plan={planning.plan}
              onChange={(change) => setForm((before) => ({ ...before, ...change }))}
            />
            <PlanView planning={planning} />
          </div>
        )}
        {workflow.workflow !== null && (
          <p className="run-hint">
            <Shortcut keys="Mod+Enter" /> runs it
          </p>
        )}
      </div>
    </Dialog>
  );
}

/** What the plan depends on: who is there, usable and selected. */
function fleetKey(instances: readonly InstanceSnapshot[]): string {
  return instances.map((one) => `${one.id}:${one.selected ? 1 : 0}${isUsable(one) ? 1 : 0}`).join();
}

/** The workflow's own name until another one is typed. */
function useRunName({ workflow }: WorkflowHandle): readonly [string, (name: string) => void] {
  const [name, setName] = useState(workflow?.name ?? '');
  useEffect(() => setName(workflow?.name ?? ''), [workflow]);
  return [name, setName];
}

function useWantedSeed(planning: Planning, form: RunForm, setForm: (form: RunForm) => void): void {
  const { plan } = planning;
  useEffect(() => {
    if (plan === null) return;
    const next = applyWantedSeed(form, plan.seeds);
    if (next !== form) setForm(next);
  }, [plan, form, setForm]);
}

/** Ctrl+Enter wherever the focus is: also while it is nowhere, because what had it is gone. */
function useRunKey(onRun: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || event.repeat || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      onRun();
    };
    window.addEventListener('keydown', onKeyDown);
    return () => window.removeEventListener('keydown', onKeyDown);
  });
}

/** Submits once at a time; a refusal keeps the dialog open. */
function useSubmit(
  { workflow }: WorkflowHandle,
  name: string,
  options: RunOptions | null,
  onDone: () => void,
): { readonly busy: boolean; readonly run: () => Promise<void> } {
  const services = useServices();
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    if (workflow === null || options === null || busy) return;
    setBusy(true);
    try {
      await submitRun(services, { name: name.trim(), text: workflow.text }, options, onDone);
    } catch (error) {
      services.toasts.getState().showError(error);
      setBusy(false);
    }
  };
  return { busy, run };
}
