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
  const focus = useRef<Focus>({ wanted: false, entered: false, returning: false });
  const delay = useDelay((next) => {
    if (next || !content.current?.contains(document.activeElement)) setOpen(next);
  });
  const enter = (): void => {
    delay.cancel();
    focus.current.wanted = true;
    setOpen(true);
    content.current?.focus();
  };
  return {
    open,
    setOpen,
    trigger: triggerHandlers(delay, focus, enter),
    content: { ref: content, tabIndex: -1, ...contentHandlers(delay, focus, content) },
  };
}

interface Focus {
  /** A click opened it: the focus goes inside. */
  wanted: boolean;
  /** The focus has been inside, and comes back. */
  entered: boolean;
  /** It is coming back: that must not open it again. */
  returning: boolean;
}

interface Delay {
  readonly later: (open: boolean) => void;
  readonly cancel: () => void;
}

function useDelay(change: (open: boolean) => void): Delay {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const cancel = (): void => clearTimeout(timer.current);
  return {
    cancel,
    later(open) {
      cancel();
      timer.current = setTimeout(() => change(open), open ? OPEN_AFTER_MS : CLOSE_AFTER_MS);
    },
  };
}

function triggerHandlers({ later }: Delay, focus: RefObject<Focus>, enter: () => void): HoverOpen['trigger'] {
  return {
    onPointerEnter: () => later(true),
    onPointerLeave: () => later(false),
    onFocus: () => {
      if (!focus.current.returning) later(true);
      focus.current.returning = false;
    },
    onBlur: () => {
      focus.current.returning = false;
      later(false);
    },
    onClick: (event) => {
      event.preventDefault();
      enter();
    },
  };
}

function contentHandlers(
  { later }: Delay,
  focus: RefObject<Focus>,
  content: RefObject<HTMLDivElement | null>,
): Omit<HoverOpen['content'], 'ref' | 'tabIndex'> {
  return {
    onPointerEnter: () => later(true),
    onPointerLeave: () => later(false),
    onFocus: () => {
      focus.current.entered = true;
    },
    onOpenAutoFocus: (event) => {
      event.preventDefault();
      if (focus.current.wanted) content.current?.focus();
      focus.current.wanted = false;
    },
    onCloseAutoFocus: (event) => {
      focus.current.returning = focus.current.entered;
      if (!focus.current.entered) event.preventDefault();
      focus.current.entered = false;
    },
  };
}
