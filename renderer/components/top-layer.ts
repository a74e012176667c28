/**
 * Modal dialogs lie in the browser's top layer and make everything outside of them inert. What must stay visible and usable
 * over all of them (the toasts) moves, as one element, into the dialog on top.
 */
const openDialogs: HTMLElement[] = [];
const followers = new Set<() => void>();

/** @returns called when the dialog closes, before its element leaves the page */
export function enterTopLayer(dialog: HTMLElement): () => void {
  openDialogs.push(dialog);
  moveFollowers();
  return () => {
    openDialogs.splice(openDialogs.indexOf(dialog), 1);
    moveFollowers();
  };
}

/** Keeps the element in the dialog on top, and in `home` while none is open. */
export function stayOnTop(element: HTMLElement, home: HTMLElement): () => void {
  const move = (): void => {
    const place = openDialogs.at(-1) ?? home;
    if (element.parentElement !== place) place.append(element);
  };
  move();
  followers.add(move);
  return () => {
    followers.delete(move);
    element.remove();
  };
}

export function isTopLayerOpen(): boolean {
  return openDialogs.length > 0;
}

/** Called whenever a dialog opens or closes. @returns unsubscribes */
export function followTopLayer(listener: () => void): () => void {
  followers.add(listener);
  return () => {
    followers.delete(listener);
  };
}

function moveFollowers(): void {
  for (const move of followers) move();
}
