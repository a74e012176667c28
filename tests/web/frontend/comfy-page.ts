import { expect, type Page } from '@playwright/test';

interface GraphNode {
  readonly id: number | string;
  readonly type: string;
  readonly progress?: number | undefined;
  readonly imgs?: readonly HTMLImageElement[] | undefined;
  readonly has_errors?: boolean | undefined;
  readonly widgets?: readonly { readonly name: string; value: unknown; callback?(value: unknown): void }[];
}

/** What the official page shares with its extensions, as far as these tests look at it. */
interface ComfyWindow extends Window {
  readonly app?: {
    readonly graph: { readonly _nodes: readonly GraphNode[] };
    readonly extensionManager?: {
      readonly spinner?: boolean;
    };
    readonly nodeOutputs: Readonly<Record<string, { readonly images?: readonly PictureReference[] }>>;
    readonly nodePreviewImages: Readonly<Record<string, readonly string[]>>;
  };
  readonly LiteGraph?: {
    readonly registered_node_types: Readonly<Record<string, { readonly category?: string }>>;
  };
  readonly graph?: object;
  /** Progress and previews that were seen on nodes since `watchNodes`. */
  seen?: { readonly progress: Set<string>; readonly previews: Set<string> };
}
declare const window: ComfyWindow;

export interface PictureReference {
  readonly filename: string;
  readonly subfolder: string;
  readonly type: string;
}

const slow = { timeout: 30_000 };

/** ComfyUI's own page in one tab. */
export class ComfyPage {
  /** Errors on the console, without ports and ids. */
  readonly complaints: string[] = [];

  constructor(
    readonly page: Page,
    readonly address: string,
  ) {
    page.on('console', (message) => {
      if (message.type() === 'error') this.#complain(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => this.#complain(error.message));
  }

  async load(): Promise<void> {
    await this.page.goto(this.address);
    await this.untilReady();
  }

  async untilReady(): Promise<void> {
    // The page shares its graph once it is set up, and says so by `graph`.
    await this.page.waitForFunction(
      () => window.graph !== undefined && window.app?.extensionManager?.spinner === false,
      null,
      slow,
    );
  }

  /** As a person does who drops a file onto the page. */
  async openFile(name: string, content: unknown): Promise<void> {
    await this.page.evaluate(
      ([file, text]) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([text], file, { type: 'application/json' }));
        const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true });
        document.querySelector('#graph-canvas')?.dispatchEvent(drop);
      },
      [name, JSON.stringify(content)] as const,
    );
  }

  /** Resolves when the graph has a node of each of these types. */
  async untilShown(types: readonly string[]): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => wanted.every((type) => window.app?.graph._nodes.some((node) => node.type === type)),
      types,
      slow,
    );
  }

  /** Nodes that the page does not know or marks as wrong. */
  redNodes(): Promise<readonly string[]> {
    return this.page.evaluate(() =>
      (window.app?.graph._nodes ?? [])
        .filter(
          ({ type, has_errors: wrong }) =>
            wrong === true || window.LiteGraph?.registered_node_types[type] === undefined,
        )
        .map(({ type }) => type),
    );
  }

  /** Node types in a category, e.g. as the node library groups them. */
  typesIn(category: string): Promise<readonly string[]> {
    return this.page.evaluate(
      (wanted) =>
        Object.entries(window.LiteGraph?.registered_node_types ?? {})
          .filter(([, { category: given }]) => given === wanted)
          .map(([type]) => type)
          .sort(),
      category,
    );
  }

  async setWidget(type: string, widget: string, value: unknown): Promise<void> {
    await this.page.evaluate(
      ([wantedType, wantedName, next]) => {
        const node = window.app?.graph._nodes.find((one) => one.type === wantedType);
        const found = node?.widgets?.find(({ name }) => name === wantedName);
        if (found === undefined) throw new Error(`${wantedType} has no ${wantedName}`);
        found.value = next;
        found.callback?.(next);
      },
      [type, widget, value] as const,
    );
  }

  widget(type: string, widget: string): Promise<unknown> {
    return this.page.evaluate(
      ([wantedType, wantedName]) =>
        window.app?.graph._nodes
          .find((one) => one.type === wantedType)
          ?.widgets?.find(({ name }) => name === wantedName)?.value,
      [type, widget] as const,
    );
  }

  /** The button of a node. */
  async press(type: string, widget: string): Promise<void> {
    await this.page.evaluate(
      ([wantedType, wantedName]) => {
        const node = window.app?.graph._nodes.find((one) => one.type === wantedType);
        const found = node?.widgets?.find(({ name }) => name === wantedName);
        if (found?.callback === undefined) throw new Error(`${wantedType} has no button ${wantedName}`);
        found.callback(found.value);
      },
      [type, widget] as const,
    );
  }

  /** The page’s own list of what has run. */
  async openList(): Promise<void> {
    await this.page.getByRole('button', { name: /^(Assets|Queue) \(/ }).click();
  }

  /** Ctrl+Enter. @returns the prompt’s id */
  async queue(): Promise<string> {
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/prompt'),
    );
    await this.page.keyboard.press('Control+Enter');
    const response = await answered;
    expect(response.status(), await response.text()).toBe(200);
    return (await response.json()).prompt_id;
  }

  /** Notes from now on which nodes show progress and previews. */
  async watchNodes(): Promise<void> {
    await this.page.evaluate(() => {
      const seen = { progress: new Set<string>(), previews: new Set<string>() };
      window.seen = seen;
      const look = (): void => {
        if (window.seen !== seen) return;
        for (const { type, progress } of window.app?.graph._nodes ?? []) {
          if (progress !== undefined && progress > 0) seen.progress.add(type);
        }
        for (const id of Object.keys(window.app?.nodePreviewImages ?? {})) seen.previews.add(id);
        requestAnimationFrame(look);
      };
      look();
    });
  }

  seen(): Promise<{ readonly progress: readonly string[]; readonly previews: readonly string[] }> {
    return this.page.evaluate(() => ({
      progress: [...(window.seen?.progress ?? [])],
      previews: [...(window.seen?.previews ?? [])],
    }));
  }

  /** Resolves while a node of this type shows progress. */
  async untilProgress(type: string): Promise<void> {
    await this.page.waitForFunction(
      (wanted) => window.app?.graph._nodes.some((node) => node.type === wanted && (node.progress ?? 0) > 0),
      type,
      slow,
    );
  }

  /** What the node of this type shows, once it shows so many. */
  async pictures(type: string, count: number): Promise<readonly PictureReference[]> {
    const handle = await this.page.waitForFunction(
      ([wanted, least]) => {
        const node = window.app?.graph._nodes.find((one) => one.type === wanted);
        const shown = node === undefined ? [] : (window.app?.nodeOutputs[String(node.id)]?.images ?? []);
        return shown.length >= least ? shown : null;
      },
      [type, count] as const,
      slow,
    );
    return (await handle.jsonValue()) ?? [];
  }

  /** Resolves when so many real pictures are painted on the node. */
  async untilPainted(type: string, count: number): Promise<void> {
    await this.page.waitForFunction(
      ([wanted, least]) => {
        const node = window.app?.graph._nodes.find((one) => one.type === wanted);
        return (node?.imgs ?? []).filter(({ naturalWidth }) => naturalWidth > 0).length >= least;
      },
      [type, count] as const,
      slow,
    );
  }

  #complain(text: string): void {
    // What a machine without the internet adds says nothing about us.
    if (/ERR_NAME_NOT_RESOLVED|ERR_INTERNET_DISCONNECTED|https:\/\//.test(text)) return;
    this.complaints.push(text.replaceAll(new URL(this.address).host, 'HOST').replace(/index-\w+\.js.*/s, ''));
  }
}
