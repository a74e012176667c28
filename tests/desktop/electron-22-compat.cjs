// The desktop tests may run on Electron 22 (Node 16, Chromium 108), far older than the one we ship with. This file fills in
// what that lacks, and only what is missing: on a current Electron it does nothing. Never part of the product: the tests put
// it in front of their own copy of the bundles.
'use strict';
(() => {
  const define = (object, name, value) => {
    if (object[name] !== undefined) return;
    Object.defineProperty(object, name, { value, writable: true, configurable: true });
  };
  const stream = require('node:stream');
  const web = require('node:stream/web');
  const events = require('node:events');

  // ── Globals of Node 18 ──
  define(globalThis, 'structuredClone', (value) => {
    const v8 = require('node:v8');
    return v8.deserialize(v8.serialize(value));
  });
  try {
    require('node:buffer').atob('\u{1f600}');
  } catch (error) {
    define(globalThis, 'DOMException', error.constructor);
  }
  define(globalThis, 'Blob', require('node:buffer').Blob);
  for (const name of [
    'ReadableStream',
    'WritableStream',
    'TransformStream',
    'TextDecoderStream',
    'CompressionStream',
  ]) {
    if (web[name] !== undefined) define(globalThis, name, web[name]);
  }
  define(globalThis, 'crypto', require('node:crypto').webcrypto);
  define(
    globalThis,
    'CustomEvent',
    class CustomEvent extends Event {
      constructor(type, options = {}) {
        super(type, options);
        this.detail = options.detail ?? null;
      }
    },
  );
  define(globalThis, 'File', class File extends (globalThis.Blob ?? Object) {});
  define(globalThis, 'FormData', class FormData {});
  define(globalThis, 'Headers', class Headers extends Map {});
  define(globalThis, 'Request', class Request {});
  /** Only what an answer to protocol.handle is made of. */
  define(
    globalThis,
    'Response',
    class Response {
      constructor(body = null, { status = 200, headers = {} } = {}) {
        Object.assign(this, { body, status, headers });
      }
    },
  );
  define(stream.Readable, 'toWeb', (readable) => readable);

  define(require('node:fs/promises'), 'statfs', async () => ({ bsize: 4096, blocks: 1e9, bavail: 5e8 }));
  define(AbortSignal, 'any', (signals) => {
    const controller = new AbortController();
    for (const signal of signals) {
      if (signal.aborted) controller.abort(signal.reason);
      else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
    }
    return controller.signal;
  });
  define(AbortSignal.prototype, 'throwIfAborted', function throwIfAborted() {
    if (this.aborted) throw this.reason;
  });
  define(events, 'addAbortListener', (signal, listener) => {
    if (signal.aborted) queueMicrotask(() => listener());
    else signal.addEventListener('abort', listener, { once: true });
    const remove = () => signal.removeEventListener('abort', listener);
    return { [Symbol.dispose]: remove };
  });

  define(require('node:diagnostics_channel'), 'tracingChannel', () => ({
    hasSubscribers: false,
    traceSync: (run, _context, self, ...args) => Reflect.apply(run, self, args),
    tracePromise: (run, _context, self, ...args) => Reflect.apply(run, self, args),
  }));

  // Node 16 knows no defaults.
  const util = require('node:util');
  if (Number(process.versions.node.split('.')[0]) < 18) {
    const { parseArgs } = util;
    util.parseArgs = (config) => {
      const defaults = Object.entries(config.options ?? {}).filter(([, option]) => 'default' in option);
      const result = parseArgs(config);
      for (const [name, option] of defaults) result.values[name] ??= option.default;
      return result;
    };
  }

  // ── JavaScript after V8 10.8 ──
  define(Symbol, 'dispose', Symbol('Symbol.dispose'));
  define(Symbol, 'asyncDispose', Symbol('Symbol.asyncDispose'));
  define(Array.prototype, 'toSorted', function toSorted(compare) {
    return [...this].sort(compare);
  });
  define(Array.prototype, 'toReversed', function toReversed() {
    return [...this].reverse();
  });
  define(Array.prototype, 'toSpliced', function toSpliced(...args) {
    const copy = [...this];
    copy.splice(...args);
    return copy;
  });
  define(Array.prototype, 'with', function replaced(index, value) {
    const copy = [...this];
    copy[index < 0 ? copy.length + index : index] = value;
    return copy;
  });
  define(String.prototype, 'toWellFormed', function toWellFormed() {
    return Buffer.from(String(this), 'utf16le').toString('utf16le');
  });
  define(String.prototype, 'isWellFormed', () => true);
  define(Promise, 'withResolvers', () => {
    let resolve;
    let reject;
    const promise = new Promise((yes, no) => {
      resolve = yes;
      reject = no;
    });
    return { promise, resolve, reject };
  });

  // ── Electron ──
  if (process.type !== 'browser') return;
  const electron = require('electron');
  const { app, protocol, safeStorage, BrowserView, BrowserWindow } = electron;
  define(safeStorage, 'getSelectedStorageBackend', () => 'basic_text');
  define(safeStorage, 'isAsyncEncryptionAvailable', async () => safeStorage.isEncryptionAvailable());
  define(safeStorage, 'encryptStringAsync', async (text) => safeStorage.encryptString(text));
  define(safeStorage, 'decryptStringAsync', async (bytes) => ({
    shouldReEncrypt: false,
    result: safeStorage.decryptString(bytes),
  }));
  /** Of a view only what the product does with it: it lies in one window, in one place, in sight or not. */
  class BrowserViewAsView {
    constructor(options) {
      this.native = new BrowserView(options);
      const { webContents } = this.native;
      // Its close() leaves a view's contents to the garbage collector.
      webContents.close = () => webContents.destroy();
      this.bounds = { x: 0, y: 0, width: 0, height: 0 };
      this.isVisible = true;
    }
    get webContents() {
      return this.native.webContents;
    }
    setBounds(bounds) {
      this.bounds = bounds;
      this.native.setBounds(bounds);
    }
    getBounds() {
      return this.bounds;
    }
    setVisible(isVisible) {
      if (isVisible === this.isVisible) return;
      this.isVisible = isVisible;
      this.lay();
    }
    lay() {
      if (this.window === undefined || this.window.isDestroyed()) return;
      if (!this.isVisible) this.window.removeBrowserView(this.native);
      else {
        this.window.addBrowserView(this.native);
        this.native.setBounds(this.bounds);
      }
    }
  }
  // Old ones have a WebContentsView too, but no window that could show it.
  if (!('contentView' in BrowserWindow.prototype)) {
    const replaced = Object.create(electron, { WebContentsView: { value: BrowserViewAsView } });
    const modules = require('node:module');
    const load = modules._load;
    modules._load = (request, ...rest) => (request === 'electron' ? replaced : load(request, ...rest));
    Object.defineProperty(BrowserWindow.prototype, 'contentView', {
      get() {
        const window = this;
        return {
          get children() {
            return window.laidViews ?? [];
          },
          addChildView(view) {
            window.laidViews = [...(window.laidViews ?? []), view];
            view.window = window;
            view.lay();
          },
        };
      },
    });
  }
  app.once('ready', () => {
    if (typeof protocol.handle === 'function') return;
    protocol.handle = (scheme, handler) =>
      protocol.registerStreamProtocol(scheme, async (request, callback) => {
        const named = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
        // Of a Request's headers only `get` is asked for; like it, a Map forgets nothing but answers undefined, not null.
        const asked = { url: request.url, method: request.method, headers: new Map(named) };
        const { status, headers, body } = await handler(asked);
        const data = body instanceof stream.Readable ? body : stream.Readable.from([Buffer.from(body ?? '')]);
        callback({ statusCode: status, headers, data });
      });
  });
})();
