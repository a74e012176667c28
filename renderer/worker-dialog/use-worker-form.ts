import { useEffect, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { GpuInfo, InstanceId } from '../../shared/model.ts';
import { useServices } from '../store/services.ts';
import { draftOfInstance, EMPTY_FORM, formOf, type WorkerForm } from './worker-form.ts';

export interface WorkerFormHandle {
  readonly form: WorkerForm;
  /** False until the suggestion for a new worker came. */
  readonly ready: boolean;
  readonly refusal: ErrorEnvelope | null;
  readonly setRefusal: (refusal: ErrorEnvelope | null) => void;
  readonly change: (change: Partial<WorkerForm>) => void;
}

/**
 * Starts from the instance as it is when the dialog opens, or from a free name, port and device for a new worker.
 * @param wanted false: not yet
 */
export function useWorkerForm(id: InstanceId | null, wanted: boolean): WorkerFormHandle {
  const { client, fleet } = useServices();
  const [form, setForm] = useState<WorkerForm | null>(null);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const begun = form !== null;
  useEffect(() => {
    if (!wanted || begun) return;
    let current = true;
    const gpus = (): readonly GpuInfo[] => fleet.getState().fleet?.gpus ?? [];
    const instance = fleet.getState().fleet?.instances.find((candidate) => candidate.id === id);
    if (instance !== undefined) {
      setForm(formOf(draftOfInstance(instance), gpus()));
      return;
    }
    client.invoke('worker.suggest', {}).then(
      (draft) => current && setForm(formOf(draft, gpus())),
      (error) => {
        if (!current) return;
        setRefusal(toEnvelope(error));
        setForm(EMPTY_FORM);
      },
    );
    return () => {
      current = false;
    };
  }, [begun, client, fleet, id, wanted]);
  return {
    form: form ?? EMPTY_FORM,
    ready: form !== null,
    refusal,
    setRefusal,
    change(change) {
      setRefusal(null);
      setForm((before) => ({ ...(before ?? EMPTY_FORM), ...change }));
    },
  };
}
