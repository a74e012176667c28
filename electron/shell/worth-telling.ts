import type { FleetPatch, InstanceSnapshot, Notice, TestPicture } from '../../shared/model.ts';

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
