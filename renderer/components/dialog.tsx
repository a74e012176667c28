import { X } from 'lucide-react';
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from 'react';
import { classNames } from './class-names.ts';
import { LayerContext } from './layer.ts';
import { enterTopLayer } from './top-layer.ts';

export interface DialogProps {
  readonly title: string;
  readonly description?: ReactNode;
  readonly size?: 's' | 'm' | 'l';
  /** Keeps the title for screen readers only. */
  readonly bare?: boolean;
  /** Escape, the close button and a click beside the dialog. */
  readonly onClose: () => void;
  readonly footer?: ReactNode;
  readonly children?: ReactNode;
  readonly className?: string;
}

/**
 * A modal over the native <dialog>: the browser traps focus, makes the rest inert and gives focus back. Mount it to open it.
 * The first control gets the focus, or the one marked data-autofocus.
 */
export function Dialog(props: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const [layer, setLayer] = useState<HTMLElement | null>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog === null) return;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    setLayer(dialog);
    const leaveTopLayer = enterTopLayer(dialog);
    return () => {
      leaveTopLayer();
      dialog.close();
    };
  }, []);
  return (
    <dialog
      ref={element}
      className={classNames('dialog', `dialog-${props.size ?? 'm'}`, props.className)}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // Of a dialog inside this one, too: React hands it on to every component around.
        if (event.target !== element.current) return;
        event.preventDefault();
        props.onClose();
      }}
      onClose={() => {
        if (element.current?.open === false) props.onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) props.onClose();
      }}
    >
      <LayerContext.Provider value={layer}>
        <div className="dialog-frame">
          <header className={props.bare ? 'visually-hidden' : 'dialog-header'}>
            <h2 id={titleId}>{props.title}</h2>
            {props.description !== undefined && <p className="dialog-description">{props.description}</p>}
          </header>
          {props.children !== undefined && <div className="dialog-body">{props.children}</div>}
          {props.footer !== undefined && <footer className="dialog-footer">{props.footer}</footer>}
          {!props.bare && (
            // Without a tooltip: an open tooltip would take the first Escape for itself.
            <button
              type="button"
              className="icon-button icon-button-m dialog-close"
              aria-label="Close"
              onClick={props.onClose}
            >
              <X size={16} strokeWidth={1.8} aria-hidden="true" />
            </button>
          )}
        </div>
      </LayerContext.Provider>
    </dialog>
  );
}
