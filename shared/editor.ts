/** The ComfyUI page inside the desktop window. */
export type EditorState =
  | { readonly status: 'closed' }
  | { readonly status: 'loading' }
  | { readonly status: 'open' }
  /** It is out of sight; `reason` is one sentence. */
  | { readonly status: 'failed'; readonly reason: string };

/** Where it lies in our page, in CSS pixels. */
export interface PaneBounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
