import type { Artifact } from '../../shared/runs.ts';
import { copyText } from '../components/copy-text.ts';
import type { Services } from '../store/services.ts';

/** Opens "Run workflow…" with the run that made this file, its seed as the first one. */
export function takeSeed(services: Services, artifact: Artifact): void {
  services.ui.getState().openDialog({
    kind: 'run',
    source: { kind: 'run', runId: artifact.runId, name: artifact.runName, seed: artifact.seed },
  });
}

export async function copySeed(services: Services, seed: string): Promise<void> {
  const copied = await copyText(seed);
  tell(services, copied, copied ? 'Seed copied' : 'The clipboard cannot be used here', seed);
}

/** Puts the picture itself on the clipboard; only PNG is taken by every system. */
export async function copyImage(services: Services, artifact: Artifact): Promise<void> {
  try {
    const response = await fetch(services.client.fileUrl(artifact.url));
    const png = await asPng(await response.blob());
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': png })]);
    tell(services, true, 'Picture copied', null);
  } catch {
    tell(
      services,
      false,
      'The picture cannot be copied here',
      'Save it instead, or drag it out of the window.',
    );
  }
}

async function asPng(blob: Blob): Promise<Blob> {
  if (blob.type === 'image/png') return blob;
  const bitmap = await createImageBitmap(blob);
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

function tell(services: Services, well: boolean, title: string, detail: string | null): void {
  services.toasts.getState().show({ level: well ? 'info' : 'warning', title, detail });
}
