import type { InstanceId, Notice, NoticeLevel } from '../../shared/model.ts';
import { type Clock, Emitter } from './ports.ts';

/** The notification centre's memory. */
const KEPT = 200;

export class Notices {
  readonly #emitter = new Emitter<Notice>();
  #list: readonly Notice[] = [];
  #nextId = 1;

  constructor(private readonly clock: Clock) {}

  /** Newest first. */
  get list(): readonly Notice[] {
    return this.#list;
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    return this.#emitter.on(listener);
  }

  add(level: NoticeLevel, title: string, detail: string | null, instanceId: InstanceId | null = null): void {
    const notice: Notice = { id: this.#nextId, at: this.clock.now(), level, title, detail, instanceId };
    this.#nextId += 1;
    this.#list = [notice, ...this.#list].slice(0, KEPT);
    this.#emitter.emit(notice);
  }

  clear(): void {
    this.#list = [];
  }
}
