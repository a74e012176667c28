import type { CDPSession, Page } from 'playwright';

/** ms of processor time of the page's main thread: other programs on a busy machine do not count, unlike in wall time. */
export interface ProcessorTime {
  readonly script: number;
  readonly layout: number;
  readonly style: number;
  /** Everything, the above and painting included. */
  readonly all: number;
}

export class ProcessorMeter {
  private constructor(private readonly session: CDPSession) {}

  static async attach(page: Page): Promise<ProcessorMeter> {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    return new ProcessorMeter(session);
  }

  /** What the work took. */
  async measure(work: () => Promise<unknown>): Promise<ProcessorTime> {
    const before = await this.#read();
    await work();
    const after = await this.#read();
    return {
      script: after.script - before.script,
      layout: after.layout - before.layout,
      style: after.style - before.style,
      all: after.all - before.all,
    };
  }

  async #read(): Promise<ProcessorTime> {
    const { metrics } = await this.session.send('Performance.getMetrics');
    const ms = (name: string): number => (metrics.find((metric) => metric.name === name)?.value ?? 0) * 1000;
    return {
      script: ms('ScriptDuration'),
      layout: ms('LayoutDuration'),
      style: ms('RecalcStyleDuration'),
      all: ms('TaskDuration'),
    };
  }
}
