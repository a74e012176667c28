import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseVariant } from './gvariant.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export interface TrayEntry {
  readonly id: number;
  /** Submenus joined: "Worker 1: Ready > Stop Worker 1". */
  readonly label: string;
  readonly enabled: boolean;
}

/** The tray icon as the desktop's panel sees it: org.kde.StatusNotifierItem and com.canonical.dbusmenu on the session bus. */
export class TrayIcon {
  private constructor(
    private readonly bus: string,
    private readonly item: string,
  ) {}

  /** Finds the icon of this process. */
  static async of(pid: number): Promise<TrayIcon> {
    const items = await until(
      'a tray icon',
      () =>
        property(
          'org.kde.StatusNotifierWatcher',
          '/StatusNotifierWatcher',
          'org.kde.StatusNotifierWatcher',
          'RegisteredStatusNotifierItems',
        ),
      (value) => Array.isArray(value) && value.some((name) => String(name).includes(`-${pid}-`)),
    );
    const name = (items as readonly string[]).find((candidate) => candidate.includes(`-${pid}-`)) ?? '';
    const slash = name.indexOf('/');
    return new TrayIcon(name.slice(0, slash), name.slice(slash));
  }

  async tooltip(): Promise<string> {
    const value = await property(this.bus, this.item, 'org.kde.StatusNotifierItem', 'ToolTip');
    return (value as readonly unknown[]).map(String).join(' ');
  }

  async entries(): Promise<readonly TrayEntry[]> {
    const menu = await this.#menu();
    const [, root] = (await call(this.bus, menu, 'com.canonical.dbusmenu.GetLayout', [
      '0',
      '-1',
      '@as []',
    ])) as [number, MenuNode];
    return flatten(root, '');
  }

  async labels(): Promise<readonly string[]> {
    return (await this.entries()).map(({ label, enabled }) => (enabled ? label : `(${label})`));
  }

  /** Waits until an item with this end of its label can be clicked, then clicks it. */
  async click(label: string): Promise<void> {
    const entries = await until(
      `the tray item ${label}`,
      () => this.entries(),
      (all) => all.some((entry) => entry.enabled && entry.label.endsWith(label)),
    );
    const entry = entries.find((candidate) => candidate.enabled && candidate.label.endsWith(label));
    const menu = await this.#menu();
    await call(this.bus, menu, 'com.canonical.dbusmenu.Event', [
      String(entry?.id),
      'clicked',
      '<int32 0>',
      '0',
    ]);
  }

  async #menu(): Promise<string> {
    return String(await property(this.bus, this.item, 'org.kde.StatusNotifierItem', 'Menu'));
  }
}

type MenuNode = [id: number, properties: Record<string, unknown>, children: MenuNode[]];

function flatten([, , children]: MenuNode, prefix: string): readonly TrayEntry[] {
  return children.flatMap((child): readonly TrayEntry[] => {
    const [id, properties, inner] = child;
    if (properties['type'] === 'separator') return [];
    // An underscore marks a mnemonic.
    const label = prefix + String(properties['label'] ?? '').replace(/_(?!_)/g, '');
    const enabled = properties['enabled'] !== false;
    if (inner.length === 0) return [{ id, label, enabled }];
    return [{ id, label, enabled }, ...flatten(child, `${label} > `)];
  });
}

function property(bus: string, object: string, iface: string, name: string): Promise<unknown> {
  return call(bus, object, 'org.freedesktop.DBus.Properties.Get', [iface, name]).then((values) =>
    Array.isArray(values) ? values[0] : values,
  );
}

async function call(bus: string, object: string, method: string, args: readonly string[]): Promise<unknown> {
  const given = [
    'call',
    '--session',
    '--dest',
    bus,
    '--object-path',
    object,
    '--method',
    method,
    '--',
    ...args,
  ];
  const { stdout } = await run('gdbus', given);
  return parseVariant(stdout);
}
