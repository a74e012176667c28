import type { FleetPatch, InstanceSnapshot, Notice, TestPicture } from '../../shared/model.ts';
import { isFinished, type RunStatus, type RunSummary, shardsDone } from '../../shared/runs.ts';

export interface Telling {
  readonly title: string;
  readonly body: string;
}

/** Failures reach a person who is not looking; everything milder waits in the notification centre. */
export function tellingOfNotice({ level, title, detail }: Notice): Telling | null {
  return level === 'error' ? { title, body: detail ?? '' } : null;
}

/** Remembers how each test picture stood, and tells when one is finished. */
export class PictureWatch {
  readonly #statuses = new Map<string, TestPicture['status']>();

  /** @returns one telling per picture that this change has finished */
  apply({ instances }: Pick<FleetPatch, 'instances'>): readonly Telling[] {
    return instances.flatMap((instance) => {
      const { picture } = instance;
      if (picture === null) return [];
      const before = this.#statuses.get(picture.id);
      this.#statuses.set(picture.id, picture.status);
      // Without an earlier state it was finished before we watched.
      if (before === undefined || before === picture.status) return [];
      const telling = tellingOfPicture(instance, picture);
      if (telling === null) return [];
      this.#statuses.delete(picture.id);
      return [telling];
    });
  }
}

/** Remembers how each run stood, and tells when one has ended with files. One that failed is told by its notice. */
export class RunWatch {
  readonly #statuses = new Map<string, RunStatus>();

  /** @returns one telling per run that this change has finished */
  apply(runs: readonly RunSummary[]): readonly Telling[] {
    return runs.flatMap((run) => {
      const before = this.#statuses.get(run.id);
      if (!isFinished(run.status)) {
        this.#statuses.set(run.id, run.status);
        return [];
      }
      this.#statuses.delete(run.id);
      // Without an earlier state it was finished before we watched.
      return before === undefined ? [] : tellingsOfEnd(run);
    });
  }
}

function tellingsOfEnd(run: RunSummary): readonly Telling[] {
  const { name, status, artifactCount, shardCount } = run;
  const files = artifactCount === 1 ? '1 file' : `${artifactCount} files`;
  if (status === 'done') return [{ title: `${name} is done`, body: `${files} came home.` }];
  if (status !== 'partial') return [];
  const part = `${shardsDone(run)} of ${shardCount} shards are done`;
  return [{ title: `${name} is done in part`, body: `${part}; ${files} came home.` }];
}

function tellingOfPicture({ name }: InstanceSnapshot, picture: TestPicture): Telling | null {
  if (picture.status === 'done') {
    const seconds = picture.seconds === null ? '' : ` in ${picture.seconds.toFixed(1)} s`;
    return { title: 'Your test picture is ready', body: `${name} made it${seconds}.` };
  }
  if (picture.status === 'failed') {
    return { title: `The test picture on ${name} failed`, body: picture.error ?? '' };
  }
  return null;
}
