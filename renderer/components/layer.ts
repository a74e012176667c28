import { createContext, useContext } from 'react';

/**
 * Where floating parts (menus, tooltips) are put. Inside a modal <dialog> everything outside of it is inert, so they must live in
 * the dialog itself.
 */
export const LayerContext = createContext<HTMLElement | null>(null);

export function useLayer(): HTMLElement | null {
  return useContext(LayerContext);
}
