import path from 'node:path';
import { ControlCenter } from '../../../electron/core/control-center.ts';
import { silentLogger, systemClock } from '../../../electron/core/ports.ts';
import { createRuntime } from '../../../electron/core/runtime.ts';
import { createSimulation } from '../../../electron/demo.ts';
import { headlessHost } from '../../../electron/headless-host.ts';
import { AgentClient } from '../../../electron/transports/agent-client.ts';
import { Dispatcher } from '../../../electron/transports/dispatcher.ts';
import { createLocalClient } from '../../../electron/transports/local-client.ts';
import { distFile } from '../../setup/dist.ts';
import { Watching } from './watching.ts';
import type { Workplace } from './workplace.ts';

export interface CenterOptions {
  readonly demo?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/** A control center in this very process, with real servers as its children. */
export class Center extends Watching {
  private constructor(readonly control: ControlCenter) {
    const dispatcher = new Dispatcher(control.handlers, silentLogger);
    super(createLocalClient({ dispatcher, events: control.events, origin: 'http://127.0.0.1' }));
  }

  /** Open, not yet started. */
  static async open(place: Workplace, { demo, environment = {} }: CenterOptions = {}): Promise<Center> {
    const runtime = createRuntime(process.execPath, path.dirname(distFile('headless.cjs')), false);
    const control = await ControlCenter.open({
      dataDirectory: place.data,
      demo: demo ?? null,
      gatewayHost: null,
      agent: null,
      connectAgent: (address) => new AgentClient({ address, clock: systemClock, random: Math.random }),
      version: '0.0.0',
      versions: {},
      runtime,
      host: headlessHost(() => {}),
      simulation: createSimulation(runtime),
      logger: silentLogger,
      environment: place.environment(environment),
      platform: process.platform,
      home: place.home,
    });
    return new Center(control);
  }

  static async start(place: Workplace, options: CenterOptions = {}): Promise<Center> {
    const center = await Center.open(place, options);
    await center.control.start();
    return center;
  }
}
