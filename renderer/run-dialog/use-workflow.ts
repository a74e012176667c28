import { useCallback, useEffect, useState } from 'react';
import { messageOf } from '../../shared/errors.ts';
import type { RunOptions } from '../../shared/runs.ts';
import { useServices, useUi } from '../store/services.ts';
import type { RunSource, WorkflowText } from '../store/ui-store.ts';
import { readPicture } from './read-picture.ts';
import { checkWorkflow, nameOfFile, sizeProblem } from './read-workflow.ts';

export interface WorkflowState {
  readonly workflow: WorkflowText | null;
  readonly nodes: number;
  readonly format: 'api' | 'ui';
  /** Why it cannot be read, one sentence. */
  readonly problem: string | null;
  readonly reading: boolean;
}

const NOTHING: WorkflowState = { workflow: null, nodes: 0, format: 'api', problem: null, reading: false };

export interface WorkflowHandle extends WorkflowState {
  readonly readFile: (file: File) => void;
  readonly readText: (name: string, text: string) => void;
  readonly forget: () => void;
}

/**
 * The workflow of the dialog: from its source at first, then from whatever is dropped, picked or pasted.
 *
 * @param onOptions called with the options of the run that it was taken from
 */
export function useWorkflow(
  source: RunSource | null,
  onOptions: (options: RunOptions) => void,
): WorkflowHandle {
  const { client } = useServices();
  const last = useUi((state) => state.lastWorkflow);
  const [state, setState] = useState<WorkflowState>(() =>
    source === null && last !== null ? stateOf(last.name, last.text) : NOTHING,
  );
  const readText = useCallback((name: string, text: string) => setState(stateOf(name, text)), []);
  const readFile = useCallback((file: File) => void readInto(file, setState), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the options are handed over once per source.
  useEffect(() => {
    if (source === null) return;
    if (source.kind === 'file') return readFile(source.file);
    let current = true;
    setState({ ...NOTHING, reading: true });
    client.invoke('runs.workflow', { runId: source.runId }).then(
      ({ workflow, options }) => {
        if (!current) return;
        onOptions(options);
        setState(stateOf(source.name, workflow));
      },
      (error) => current && setState({ ...NOTHING, problem: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [client, source, readFile]);
  return { ...state, readFile, readText, forget: useCallback(() => setState(NOTHING), []) };
}

async function readInto(file: File, setState: (state: WorkflowState) => void): Promise<void> {
  setState({ ...NOTHING, reading: true });
  try {
    const picture = await readPicture(file);
    if (picture !== null)
      return setState('text' in picture ? stateOf(file.name, picture.text) : { ...NOTHING, ...picture });
    const tooLarge = sizeProblem(file.name, file.size);
    if (tooLarge !== null) return setState({ ...NOTHING, problem: tooLarge });
    setState(stateOf(file.name, await file.text()));
  } catch (error) {
    setState({ ...NOTHING, problem: `${file.name} cannot be read: ${messageOf(error)}` });
  }
}

function stateOf(name: string, text: string): WorkflowState {
  const check = checkWorkflow(name, text);
  if (!check.ok) return { ...NOTHING, problem: check.problem };
  const { nodes, format } = check;
  return { ...NOTHING, workflow: { name: nameOfFile(name), text }, nodes, format };
}
