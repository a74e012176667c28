import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { app, dialog, powerMonitor } from 'electron';
import { toEnvelope } from '../shared/errors.ts';
import { serveControlCenter } from './control-server.ts';
import { ControlCenter } from './core/control-center.ts';
import type { HostServices } from './core/host-services.ts';
import { createLogger } from './core/logger.ts';
import type { HostOptions } from './core/options.ts';
import { type Logger, systemClock } from './core/ports.ts';
import { createRuntime } from './core/runtime.ts';
import { defaultDataDirectory } from './core/settings/data-directory.ts';
import { createSimulation } from './demo.ts';
import { registerAppScheme } from './shell/app-protocol.ts';
import { desktopHost } from './shell/desktop-host.ts';
import { desktopOptions } from './shell/desktop-options.ts';
import { DesktopShell } from './shell/desktop-shell.ts';
import { EditorView } from './shell/editor-view.ts';
import type { Shutdown } from './shell/shutdown.ts';
import { AgentClient } from './transports/agent-client.ts';
import { Dispatcher } from './transports/dispatcher.ts';
import { appVersion } from './version.ts';

/** Electron's composition root: the same core as headless.ts, with a window, a tray and notifications around it. */

/** Also electron-builder's appId: Windows groups windows and notifications by it. */
const APP_ID = 'app.comfy-ensemble';
const EXIT_FAILED = 1;
const EXIT_BAD_INPUT = 2;

/** The shell comes last, but is asked for by what comes first. */
interface Later {
  shell: DesktopShell | null;
}

interface Opened {
  readonly center: ControlCenter;
  readonly host: HostServices;
  readonly editor: EditorView;
}

function begin(): void {
  const options = desktopOptions(process.argv, app.isPackaged);
  const dataDirectory = path.resolve(
    options.data ?? defaultDataDirectory(process.env, process.platform, homedir()),
  );
  // Sessions and the single-instance lock lie in the data directory: one app per data directory.
  const userData = path.join(dataDirectory, 'desktop');
  mkdirSync(userData, { recursive: true, mode: 0o700 });
  app.setPath('userData', userData);
  app.setAppUserModelId(APP_ID);
  app.setDesktopName('comfy-ensemble.desktop');
  if (!app.requestSingleInstanceLock()) {
    app.exit(0);
    return;
  }
  // It would override --no-sandbox, without which nothing starts as root or in a container.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  registerAppScheme();
  const later: Later = { shell: null };
  app.on('second-instance', () => later.shell?.window.show());
  app.on('activate', () => later.shell?.window.show());
  void app
    .whenReady()
    .then(() => run(options, dataDirectory, later))
    .catch(fail);
}

async function run(options: HostOptions, dataDirectory: string, later: Later): Promise<void> {
  const logger = createLogger({
    file: path.join(dataDirectory, 'logs', 'control-center.log'),
    level: 'info',
  });
  const { center, host, editor } = await openCenter(options, dataDirectory, later, logger);
  const dispatcher = new Dispatcher(center.handlers, logger);
  const directory = import.meta.dirname;
  const server = await serveControlCenter({ center, dispatcher, options, directory, logger });
  const shell = new DesktopShell({
    center,
    dispatcher,
    host,
    editor,
    directory,
    closeServer: () => server.close(),
    logger,
  });
  later.shell = shell;
  leaveInOrder(shell.shutdown);
  await Promise.all([shell.window.load(), center.start()]);
}

async function openCenter(
  options: HostOptions,
  dataDirectory: string,
  later: Later,
  logger: Logger,
): Promise<Opened> {
  let ownPages = (): readonly string[] => [];
  const window = () => later.shell?.window.native ?? null;
  const editor = new EditorView({ window, logger });
  const host = desktopHost({
    window,
    editor,
    ownPages: () => ownPages(),
    quit: () => void later.shell?.shutdown.request(),
  });
  const runtime = createRuntime(process.execPath, import.meta.dirname, true);
  const center = await ControlCenter.open({
    dataDirectory,
    demo: options.demo,
    gatewayHost: options.gatewayHost,
    agent: options.agent,
    connectAgent: (address) => new AgentClient({ address, clock: systemClock, random: Math.random }),
    version: appVersion(),
    versions: { electron: process.versions['electron'] ?? '', node: process.versions.node },
    runtime,
    host,
    simulation: createSimulation(runtime),
    logger,
    environment: process.env,
    platform: process.platform,
    home: homedir(),
  });
  ownPages = () => [
    center.access.url,
    ...(center.gatewayUrl === null ? [] : [center.gatewayUrl]),
    ...center.snapshot().instances.map(({ url }) => url),
  ];
  return { center, host, editor };
}

/** Every way to end leads through the same door; only where a person is there may it ask back. */
function leaveInOrder(shutdown: Shutdown): void {
  app.on('before-quit', (event) => {
    if (shutdown.isClosing) return;
    event.preventDefault();
    void shutdown.request();
  });
  // Without a listener Electron would end as soon as the window has gone, with the servers still stopping.
  app.on('window-all-closed', () => {});
  powerMonitor.on('shutdown', () => void shutdown.force());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void shutdown.force());
  }
}

function fail(error: unknown): void {
  const { code, message, hint } = toEnvelope(error);
  const trace = code === 'internal' && error instanceof Error ? `${error.stack}\n` : '';
  process.stderr.write(`${message}\n${hint === null ? '' : `${hint}\n`}${trace}`);
  if (app.isReady()) dialog.showErrorBox(message, hint ?? '');
  app.exit(code === 'bad-argument' ? EXIT_BAD_INPUT : EXIT_FAILED);
}

try {
  begin();
} catch (error) {
  fail(error);
}
