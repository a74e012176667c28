import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { Reply } from '../../../shared/ipc.ts';
import { AppProcess } from './app-process.ts';
import { appArguments, electronPath } from './electron.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/**
 * The app as a person starts it, spoken to over HTTP: a debugger in its main process, which Playwright needs, would have
 * its own say in when and how the app ends.
 */
export class BareApp extends AppProcess {
  constructor(
    readonly child: ChildProcessByStdio<null, Readable, Readable>,
    private readonly world: World,
  ) {
    super(child);
  }

  static async launch(world: World): Promise<BareApp> {
    const app = BareApp.spawn(world, electronPath(), ['--no-sandbox', ...appArguments(world)]);
    // Nobody reads them here, and a full pipe would stop the app.
    app.child.stdout.resume();
    app.child.stderr.resume();
    await until(
      'the control file',
      () => app.#address(),
      (address) => address !== null,
    );
    return app;
  }

  static spawn(
    world: World,
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): BareApp {
    const child = spawn(command, [...args], {
      env: { ...world.environment, ...environment },
      cwd: world.directory,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new BareApp(child, world);
  }

  override async send(command: string, args: unknown): Promise<Reply> {
    const address = this.#address();
    if (address === null) throw new Error('The app has written no control file');
    const response = await fetch(`${address.url}/api/commands/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${address.token}` },
      body: JSON.stringify(args),
    });
    return (await response.json()) as Reply;
  }

  /** Null until this very process has written it: an earlier one's may still lie there. */
  #address(): { readonly url: string; readonly token: string } | null {
    const file = path.join(this.world.data, 'control.json');
    if (!existsSync(file)) return null;
    const content = JSON.parse(readFileSync(file, 'utf8')) as { url: string; token: string; pid: number };
    return content.pid === this.pid ? content : null;
  }
}
