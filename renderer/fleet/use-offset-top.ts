import { type RefObject, useLayoutEffect, useState } from 'react';

/** px from the top of its positioned parent, followed as what lies above grows and shrinks. */
export function useOffsetTop(element: RefObject<HTMLElement | null>): number {
  const [top, setTop] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setTop(element.current?.offsetTop ?? 0);
    measure();
    const observer = new ResizeObserver(measure);
    if (element.current?.offsetParent) observer.observe(element.current.offsetParent);
    return () => observer.disconnect();
  }, [element]);
  return top;
}
