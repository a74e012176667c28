import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { useLayer } from './layer.ts';
import { Shortcut } from './shortcut.tsx';

export interface TooltipProps {
  readonly text: ReactNode;
  readonly shortcut?: string;
  readonly side?: 'top' | 'right' | 'bottom' | 'left';
  /** One element that takes a ref and can be focused. */
  readonly children: ReactNode;
}

/** Shown on hover and on keyboard focus. Needs <TooltipProvider> above (app.tsx has it). */
export function Tooltip({ text, shortcut, side = 'top', children }: TooltipProps) {
  const layer = useLayer();
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal container={layer}>
        <Radix.Content className="tooltip" side={side} sideOffset={6} collisionPadding={8}>
          <span>{text}</span>
          {shortcut !== undefined && <Shortcut keys={shortcut} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function TooltipProvider({ children }: { readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={350} skipDelayDuration={200} disableHoverableContent>
      {children}
    </Radix.Provider>
  );
}
