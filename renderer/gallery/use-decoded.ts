import { useEffect, useState } from 'react';

/**
 * The address of a picture once the browser has it, so that it takes the place of what stood there in one moment; until
 * then the one before it. What is there at first is given back at once.
 */
export function useDecoded(url: string | null): string | null {
  const [shown, setShown] = useState(url);
  useEffect(() => {
    if (url === null || url === shown) return setShown(url);
    let current = true;
    const show = (): void => {
      if (current) setShown(url);
    };
    const image = new Image();
    image.src = url;
    // Where it cannot be shown, its place says so as well.
    image.decode().then(show, show);
    return () => {
      current = false;
    };
  }, [url, shown]);
  return shown;
}
