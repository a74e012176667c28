import { MASTER_ID } from '../../../shared/model.ts';
import type { Notices } from '../notices.ts';
import { checkPort } from '../supervisor/ports.ts';
import { type LocalInstance, localUrl } from './local-instance.ts';

const PROBE_MS = 3_000;

export interface AttachDeps {
  readonly notices: Notices;
  /** Resolves when a ComfyUI answers at this URL; rejects otherwise. */
  readonly probe: (url: string, signal: AbortSignal) => Promise<unknown>;
}

/** If a ComfyUI already answers on the master's port, it is the master. */
export async function attachMaster(master: LocalInstance, { notices, probe }: AttachDeps): Promise<void> {
  if (master.process.state.status !== 'stopped') return;
  const { port } = master.definition;
  if ((await checkPort(port)) === 'free') return;
  const answers = await probe(localUrl(port), AbortSignal.timeout(PROBE_MS)).then(
    () => true,
    () => false,
  );
  if (!answers) return;
  master.attach();
  notices.add(
    'info',
    'A ComfyUI that was already running is the master',
    `It answers on port ${port}; Comfy Ensemble uses it and never stops it.`,
    MASTER_ID,
  );
}
