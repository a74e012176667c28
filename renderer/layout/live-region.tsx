import { useEffect, useRef, useState } from 'react';
import { announcementsOf, selectInstances } from '../store/selectors.ts';
import { useFleet } from '../store/services.ts';

const SETTLE_MS = 500;
const MOST_SPOKEN = 3;

/** Tells a screen reader what changed, politely and in batches. */
export function LiveRegion() {
  const instances = useFleet(selectInstances);
  const spoken = useRef(instances);
  const [text, setText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => {
      const news = announcementsOf(spoken.current, instances);
      spoken.current = instances;
      if (news.length === 0) return;
      const more = news.length - MOST_SPOKEN;
      setText(`${news.slice(0, MOST_SPOKEN).join('. ')}${more > 0 ? `. And ${more} more` : ''}`);
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [instances]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
