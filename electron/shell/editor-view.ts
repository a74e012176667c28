import { type BrowserWindow, type Input, session, type WebContents, WebContentsView } from 'electron';
import type { EditorState, PaneBounds } from '../../shared/editor.ts';
import type { HostEditor } from '../core/host-services.ts';
import { Emitter, type Logger } from '../core/ports.ts';
import { isAddressOf } from './app-url.ts';
import { grantOnly, SANDBOXED } from './security-policy.ts';

/** Its own cookies, storage and cache: nothing that custom nodes do there reaches our page. */
const PARTITION = 'persist:comfyui';
const GRANTED = ['clipboard-read', 'clipboard-sanitized-write', 'fullscreen'];
/** A load that another one has taken the place of. */
const ABORTED = -3;

export interface EditorViewDeps {
  readonly window: () => BrowserWindow | null;
  readonly logger: Logger;
}

/** The ComfyUI page in the window: a page of others, which gets neither our preload nor anywhere but its own address. */
export class EditorView implements HostEditor {
  readonly #deps: EditorViewDeps;
  readonly #states = new Emitter<EditorState>();
  #view: WebContentsView | null = null;
  #home = '';
  #state: EditorState = { status: 'closed' };
  #isWanted = false;

  constructor(deps: EditorViewDeps) {
    this.#deps = deps;
  }

  onState(listener: (state: EditorState) => void): () => void {
    return this.#states.on(listener);
  }

  /** Whether this is the ComfyUI page, and not ours. */
  owns(contents: WebContents): boolean {
    return contents === this.#view?.webContents;
  }

  isHome(url: string): boolean {
    return isAddressOf(url, this.#home);
  }

  show(url: string, { x, y, width, height }: PaneBounds): EditorState {
    const window = this.#deps.window();
    if (window === null) return this.#state;
    const view = this.#view ?? this.#create(window);
    if (url !== this.#home) {
      this.#home = url;
      this.#load(view.webContents);
    }
    // Our page may be zoomed; the window is not.
    const zoom = window.webContents.getZoomFactor();
    const scaled = (length: number): number => Math.round(length * zoom);
    view.setBounds({ x: scaled(x), y: scaled(y), width: scaled(width), height: scaled(height) });
    this.#turn(true);
    return this.#state;
  }

  hide(): void {
    this.#turn(false);
  }

  reload(): void {
    if (this.#view !== null) this.#load(this.#view.webContents);
  }

  #create(window: BrowserWindow): WebContentsView {
    const own = session.fromPartition(PARTITION);
    grantOnly(own, GRANTED, (address) => this.isHome(address));
    const view = new WebContentsView({
      webPreferences: {
        session: own,
        ...SANDBOXED,
      },
    });
    view.setVisible(false);
    window.contentView.addChildView(view);
    this.#view = view;
    this.#follow(view.webContents);
    this.#letOut(view.webContents, window);
    window.once('closed', () => {
      this.#view = null;
      this.#home = '';
      // A window takes only its own page along.
      if (!view.webContents.isDestroyed()) view.webContents.close();
    });
    return view;
  }

  #load(contents: WebContents): void {
    this.#become({ status: 'loading' });
    // What fails is told by did-fail-load.
    void contents.loadURL(this.#home).catch(() => undefined);
  }

  #follow(contents: WebContents): void {
    contents.on('did-fail-load', (_event, code, description, url, isMainFrame) => {
      if (!isMainFrame || code === ABORTED) return;
      this.#deps.logger.warn('the ComfyUI page could not be loaded', { url, reason: description });
      this.#become({ status: 'failed', reason: `The ComfyUI page could not be loaded: ${description}.` });
    });
    contents.on('did-navigate', (_event, _url, code) => {
      if (code < 400) return;
      this.#become({ status: 'failed', reason: `The fleet’s ComfyUI address answers with error ${code}.` });
    });
    contents.on('did-finish-load', () => {
      if (this.#state.status === 'loading') this.#become({ status: 'open' });
    });
    contents.on('render-process-gone', (_event, { reason, exitCode }) => {
      if (reason === 'clean-exit') return;
      this.#deps.logger.error('the ComfyUI page crashed', { reason, exitCode });
      this.#become({ status: 'failed', reason: 'The ComfyUI page crashed.' });
    });
    // It keeps drafts by itself, and its question could not be asked here.
    contents.on('will-prevent-unload', (event) => event.preventDefault());
  }

  /** Keys that go there do not come to our page: those that lead to another view are handed on. */
  #letOut(contents: WebContents, window: BrowserWindow): void {
    contents.on('before-input-event', (event, input) => {
      if (!leadsAway(input)) return;
      event.preventDefault();
      window.webContents.focus();
      window.webContents.sendInputEvent({
        type: 'keyDown',
        keyCode: input.code.slice(-1),
        modifiers: ['alt'],
      });
    });
  }

  #turn(isWanted: boolean): void {
    const view = this.#view;
    if (view === null) return;
    const isSeen = isWanted && this.#state.status !== 'failed';
    const appears = isSeen && !this.#isWanted;
    this.#isWanted = isWanted;
    view.setVisible(isSeen);
    if (appears) view.webContents.focus();
  }

  #become(state: EditorState): void {
    this.#state = state;
    this.#turn(this.#isWanted);
    this.#states.emit(state);
  }
}

function leadsAway({ type, alt, control, meta, code }: Input): boolean {
  return type === 'keyDown' && alt && !control && !meta && /^Digit[1-9]$/.test(code);
}
