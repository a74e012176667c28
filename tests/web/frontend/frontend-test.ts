import { type BrowserContext, test as base, expect } from '@playwright/test';
import { RealHost } from '../e2e/real-host.ts';
import { ComfyPage } from './comfy-page.ts';
import { type Frontend, frontendRoot } from './install.ts';

export { expect };

/** A version of ComfyUI and the page that it asks for. */
export interface Kind {
  readonly comfyui: string;
  readonly frontend: string;
}

/** Four simulated servers, of which the master shows the official page, behind one gateway. */
export interface PageFleet {
  readonly kind: Kind;
  /** One address for the fleet. */
  readonly gateway: string;
  /** The master alone, as a stock server. */
  readonly stock: string;
}

interface Fixtures {
  /** The page at the gateway, open. */
  readonly comfy: ComfyPage;
  readonly open: (context?: BrowserContext) => Promise<ComfyPage>;
  /** Skips where the page cannot be had. */
  readonly isThere: undefined;
}

interface WorkerFixtures {
  readonly kind: Kind;
  readonly frontend: Frontend;
  readonly fleet: PageFleet;
}

const BEHAVIOUR = { bootMs: 100, modelLoadMs: 20, stepMs: 40 };
const SEEN_BEFORE = { 'Comfy.TutorialCompleted': true, 'Comfy.Notification.ShowVersionUpdates': false };

export const test = base.extend<Fixtures, WorkerFixtures>({
  kind: [
    { comfyui: '', frontend: '' },
    { scope: 'worker', option: true },
  ],
  frontend: [
    async ({ kind }, use) => {
      const frontend = frontendRoot(kind.frontend);
      if ('missing' in frontend) {
        process.stdout.write(
          `\n*** SKIPPED: the page of ComfyUI ${kind.comfyui} was not tested: ${frontend.missing} ***\n\n`,
        );
      }
      await use(frontend);
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  isThere: [
    async ({ frontend }, use) => {
      base.skip('missing' in frontend, 'missing' in frontend ? frontend.missing : '');
      await use(undefined);
    },
    { auto: true },
  ],
  fleet: [
    async ({ kind, frontend }, use) => {
      if ('missing' in frontend) throw new Error(frontend.missing);
      // The host hands its environment on to the servers that it starts.
      process.env['ENSEMBLE_SIM'] = JSON.stringify({ ...BEHAVIOUR, version: kind.comfyui });
      const host = await RealHost.start();
      try {
        await use({ kind, ...(await showPage(host, frontend.root)) });
      } finally {
        Reflect.deleteProperty(process.env, 'ENSEMBLE_SIM');
        await host.stop();
      }
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  open: async ({ context, fleet }, use) => {
    await use(async (where = context) => {
      const opened = new ComfyPage(await where.newPage(), fleet.gateway);
      await opened.load();
      return opened;
    });
  },
  comfy: async ({ open }, use) => {
    await use(await open());
  },
});

async function showPage(host: RealHost, root: string): Promise<Omit<PageFleet, 'kind'>> {
  const { id, name, port, device, url } = await host.instance('Master');
  const draft = { name, port, device, extraArgs: `--front-end-root "${root}"` };
  await host.invoke('worker.update', { id, draft, restart: true });
  await host.makeReady();
  const { gatewayUrl } = await host.invoke('system.info', {});
  if (gatewayUrl === null) throw new Error('The fleet has no ComfyUI address.');
  // A page that is opened for the first time shows its templates over everything else.
  const saved = await fetch(`${gatewayUrl}/api/settings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(SEEN_BEFORE),
  });
  if (!saved.ok) throw new Error(`The page’s settings could not be kept: ${saved.status}`);
  return { gateway: gatewayUrl, stock: url };
}
