import type { ScannedPort } from '../../shared/discovery.ts';
import type { RemoteDraft } from '../../shared/remote.ts';
import { suggestedName } from '../../shared/worker-names.ts';
import { formatBytes } from '../store/format.ts';

/** The other servers of a machine, port by port. Pure. */

/** Can become a worker. */
export function isFree({ status, known }: ScannedPort): boolean {
  return status === 'comfyui' && !known;
}

/** "ComfyUI 0.33.0, NVIDIA GeForce RTX 3090, 24 GB", or why it is none. */
export function portWords({ status, version, gpu, vramTotal, known, reason }: ScannedPort): string {
  if (status === 'closed') return 'Nothing answers.';
  if (status === 'other') return `No ComfyUI. ${reason ?? ''}`.trim();
  if (known) return 'In the fleet already.';
  const facts = [
    version === null ? 'ComfyUI' : `ComfyUI ${version}`,
    gpu,
    vramTotal === null ? null : formatBytes(vramTotal),
  ];
  return facts.filter((fact) => fact !== null).join(', ');
}

/**
 * One worker per port, beside the one of the draft.
 * @param taken names of the fleet
 */
export function draftsOfPorts(
  draft: RemoteDraft,
  ports: readonly number[],
  taken: readonly string[],
): readonly RemoteDraft[] {
  const names = [...taken, draft.name];
  return ports.map((port) => {
    const name = suggestedName({ ...draft, port }, names);
    names.push(name);
    return { ...draft, port, name };
  });
}

/** Only the bare ports of a machine can be asked: what is behind a proxy or a password is one server. */
export function canHaveMore({ secure, path, access }: RemoteDraft): boolean {
  return !secure && path === '' && access.kind === 'none';
}
