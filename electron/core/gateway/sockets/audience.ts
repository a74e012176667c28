import type { PreviewFrame, TextFrame } from '../../comfy/frames.ts';
import type { Job } from '../jobs/job.ts';
import type { JobMessage } from '../jobs/job-types.ts';
import { plainPreview, previewOf, textOf } from './binary.ts';
import { Canvas } from './canvas.ts';
import type { Hub } from './hub.ts';

/** Tells each client of its own jobs. */
export class Audience {
  readonly #canvases = new Map<string, Canvas>();

  constructor(private readonly hub: () => Pick<Hub, 'send' | 'sendFrame' | 'sendStatus'>) {}

  /** How many jobs there are, or which of them run, has changed. */
  counted(): void {
    this.hub().sendStatus();
  }

  started(job: Job): void {
    this.#canvasOf(job)?.started(job);
  }

  tell(job: Job, message: JobMessage): void {
    this.#canvasOf(job)?.tell(job, message);
  }

  turn(job: Job): void {
    this.#canvasOf(job)?.turn(job);
  }

  /** Results are told whether the job is shown or not. */
  executed(job: Job, message: JobMessage): void {
    this.hub().send(job.clientId, message);
  }

  ended(job: Job, last: readonly JobMessage[]): void {
    const { clientId } = job;
    if (clientId === null) return;
    const canvas = this.#canvasOf(job);
    canvas?.ended(job, last);
    if (canvas?.isIdle === true) this.#canvases.delete(clientId);
  }

  preview(job: Job, frame: PreviewFrame, nodeId: string): void {
    if (this.#canvasOf(job)?.shows(job) !== true) return;
    this.hub().sendFrame(job.clientId, (withMetadata) =>
      withMetadata ? previewOf(frame, job.promptId, nodeId) : plainPreview(frame),
    );
  }

  text(job: Job, frame: TextFrame, nodeId: string): void {
    if (this.#canvasOf(job)?.shows(job) === true)
      this.hub().sendFrame(job.clientId, () => textOf(frame, nodeId));
  }

  recall(clientId: string, send: (message: JobMessage) => void): void {
    this.#canvases.get(clientId)?.recall(send);
  }

  /** A job without a client is nobody's to be told of. */
  #canvasOf({ clientId }: Job): Canvas | null {
    if (clientId === null) return null;
    const known = this.#canvases.get(clientId);
    if (known !== undefined) return known;
    const canvas = new Canvas((message) => this.hub().send(clientId, message));
    this.#canvases.set(clientId, canvas);
    return canvas;
  }
}
