import { useCallback, useEffect, useRef, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { ComfyInstall, RejectedInstall } from '../../shared/model.ts';
import { useClient } from '../store/services.ts';

export interface FoundInstalls {
  readonly found: readonly ComfyInstall[];
  readonly rejected: readonly RejectedInstall[];
}

export type Task = 'finding' | 'checking' | 'using' | 'picking' | null;

export interface ComfyuiHandle {
  /** null until the first search has ended. */
  readonly installs: FoundInstalls | null;
  /** The folder that was checked by hand. */
  readonly checked: ComfyInstall | null;
  readonly task: Task;
  readonly refusal: ErrorEnvelope | null;
  readonly find: () => Promise<void>;
  readonly check: (root: string) => Promise<void>;
  /** Native folder dialog; null when cancelled. */
  readonly pick: () => Promise<string | null>;
  /** True when the fleet now runs on it. */
  readonly use: (install: Pick<ComfyInstall, 'root' | 'python'>) => Promise<boolean>;
}

/** Finding, checking and using a ComfyUI, one thing at a time. Searches as soon as it is mounted. */
export function useComfyui(): ComfyuiHandle {
  const client = useClient();
  const [installs, setInstalls] = useState<FoundInstalls | null>(null);
  const [checked, setChecked] = useState<ComfyInstall | null>(null);
  const [task, setTask] = useState<Task>(null);
  const [refusal, setRefusal] = useState<ErrorEnvelope | null>(null);
  const mounted = useRef(false);
  const attempt = useCallback(async <T>(name: Task, work: () => Promise<T>): Promise<T | undefined> => {
    setTask(name);
    setRefusal(null);
    try {
      return await work();
    } catch (error) {
      if (mounted.current) setRefusal(toEnvelope(error));
      return undefined;
    } finally {
      if (mounted.current) setTask(null);
    }
  }, []);
  const find = useCallback(async () => {
    const answer = await attempt('finding', () => client.invoke('comfyui.find', {}));
    if (mounted.current) setInstalls((before) => answer ?? before ?? { found: [], rejected: [] });
  }, [attempt, client]);
  useEffect(() => {
    mounted.current = true;
    void find();
    return () => {
      mounted.current = false;
    };
  }, [find]);
  return {
    installs,
    checked,
    task,
    refusal,
    find,
    async check(root) {
      setChecked(null);
      const install = await attempt('checking', () => client.invoke('comfyui.check', { root, python: null }));
      if (mounted.current) setChecked(install ?? null);
    },
    async pick() {
      const title = 'Choose the ComfyUI folder';
      const picked = await attempt('picking', () => client.invoke('shell.pickFolder', { title }));
      return picked?.path ?? null;
    },
    async use({ root, python }) {
      return (await attempt('using', () => client.invoke('comfyui.use', { root, python }))) !== undefined;
    },
  };
}
