import type { FakeQueue } from './fake-queue.ts';

/** So long that no prompt comes to the end of its steps while it is measured. */
const STEPS = 1_000_000;
/** One message in so many is a `status`: somebody else's prompts come and go. */
const STATUS_EVERY = 10;

/** What a worker says while it computes: steps, told twice as 0.33 does, and how long its queue is. */
export class Chatter {
  #count = 0;

  constructor(
    private readonly perSecond: number,
    private readonly queue: FakeQueue,
    private readonly say: (clientId: string | null, type: string, data: object) => void,
  ) {}

  start(): void {
    if (this.perSecond === 0) return;
    const period = 1000 / this.perSecond;
    // Not all workers in step.
    setTimeout(() => setInterval(() => this.#tick(), period), Math.random() * period);
  }

  #tick(): void {
    const { running, remaining } = this.queue;
    if (running === null) return;
    this.#count += 1;
    const value = Math.ceil(this.#count / 2);
    const { id: prompt_id, sampler, clientId } = running;
    if (this.#count % STATUS_EVERY === 0) {
      const queue_remaining = remaining + ((this.#count / STATUS_EVERY) % 2);
      this.say(null, 'status', { status: { exec_info: { queue_remaining } } });
    } else if (this.#count % 2 === 0) {
      this.say(clientId, 'progress', { value, max: STEPS, prompt_id, node: sampler });
    } else {
      const node = { value, max: STEPS, state: 'running', node_id: sampler, prompt_id };
      this.say(clientId, 'progress_state', { prompt_id, nodes: { [sampler]: node } });
    }
  }
}
