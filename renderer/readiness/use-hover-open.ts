import { type RefObject, useEffect, useRef, useState } from 'react';

const OPEN_AFTER_MS = 200;
/** Long enough for the pointer to cross the gap. */
const CLOSE_AFTER_MS = 150;

export interface HoverOpen {
  readonly open: boolean;
  readonly setOpen: (open: boolean) => void;
  readonly trigger: {
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onBlur: () => void;
    readonly onClick: (event: { preventDefault(): void }) => void;
  };
  readonly content: {
    readonly ref: RefObject<HTMLDivElement | null>;
    readonly tabIndex: -1;
    readonly onPointerEnter: () => void;
    readonly onPointerLeave: () => void;
    readonly onFocus: () => void;
    readonly onOpenAutoFocus: (event: Event) => void;
    readonly onCloseAutoFocus: (event: Event) => void;
  };
}

/** Opens on hover and on focus without taking the focus; a click goes inside, and then only Escape or a step outside closes. */
export function useHoverOpen(): HoverOpen {
  const [open, setOpen] = useState(false);
  const content = useRef<HTMLDivElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  // The focus that comes back after closing must not open it again.
  const returning = useRef(false);
  const wanted = useRef(false);
  const entered = useRef(false);
  const isInside = (): boolean => content.current?.contains(document.activeElement) ?? false;
  const later = (next: boolean): void => {
    if (timer.current !== null) clearTimeout(timer.current);
    const change = (): void => {
      if (next || !isInside()) setOpen(next);
    };
    timer.current = setTimeout(change, next ? OPEN_AFTER_MS : CLOSE_AFTER_MS);
  };
  useEffect(() => () => void (timer.current === null || clearTimeout(timer.current)), []);
  const leave = (): void => later(false);
  return {
    open,
    setOpen,
    trigger: {
      onPointerEnter: () => later(true),
      onPointerLeave: leave,
      onFocus: () => {
        if (!returning.current) later(true);
        returning.current = false;
      },
      onBlur: () => {
        returning.current = false;
        leave();
      },
      onClick: (event) => {
        event.preventDefault();
        if (timer.current !== null) clearTimeout(timer.current);
        wanted.current = true;
        setOpen(true);
        content.current?.focus();
      },
    },
    content: {
      ref: content,
      tabIndex: -1,
      onPointerEnter: () => later(true),
      onPointerLeave: leave,
      onFocus: () => {
        entered.current = true;
      },
      onOpenAutoFocus: (event) => {
        event.preventDefault();
        if (wanted.current) content.current?.focus();
        wanted.current = false;
      },
      onCloseAutoFocus: (event) => {
        returning.current = entered.current;
        if (!entered.current) event.preventDefault();
        entered.current = false;
      },
    },
  };
}
