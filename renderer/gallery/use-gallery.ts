import { useCallback, useEffect, useRef, useState } from 'react';
import { type ErrorEnvelope, toEnvelope } from '../../shared/errors.ts';
import type { GalleryFilter } from '../../shared/runs.ts';
import { askWhenReady } from '../store/ask-when-ready.ts';
import { useClient } from '../store/services.ts';
import {
  type GalleryPages,
  matchesFilter,
  NO_PAGES,
  receiveFirstPage,
  receiveNew,
  receiveNextPage,
  showFresh,
} from './gallery-pages.ts';

const PAGE = 120;

export interface GalleryHandle {
  readonly pages: GalleryPages;
  readonly problem: ErrorEnvelope | null;
  readonly loadMore: () => void;
  readonly showFresh: () => void;
}

/** Files that match the filter, page by page, kept live. `hold` tells whether new ones must wait for now. */
export function useGallery(filter: GalleryFilter, hold: () => boolean): GalleryHandle {
  const client = useClient();
  const [pages, setPages] = useState(NO_PAGES);
  const [problem, setProblem] = useState<ErrorEnvelope | null>(null);
  const held = useRef(hold);
  held.current = hold;
  const asking = useRef<string | null>(null);
  useEffect(() => {
    let current = true;
    setPages(NO_PAGES);
    const fetchFirst = async (): Promise<void> => {
      try {
        const page = await askWhenReady(client, 'gallery.list', { cursor: null, limit: PAGE, filter });
        if (!current) return;
        setProblem(null);
        setPages((before) => receiveFirstPage(before, page, held.current()));
      } catch (error) {
        if (current) setProblem(toEnvelope(error));
      }
    };
    const leave = client.subscribe('artifact', (artifact) => {
      if (matchesFilter(artifact, filter)) setPages((before) => receiveNew(before, artifact, held.current()));
    });
    const disconnect = client.onConnection((connected) => {
      if (connected) void fetchFirst();
    });
    return () => {
      current = false;
      asking.current = null;
      leave();
      disconnect();
    };
  }, [client, filter]);
  const { next } = pages;
  const loadMore = useCallback(() => {
    if (next === null || asking.current === next) return;
    asking.current = next;
    client.invoke('gallery.list', { cursor: next, limit: PAGE, filter }).then(
      (page) => {
        // Another filter, or a fresh start, made this page somebody else's.
        if (asking.current === next) setPages((before) => receiveNextPage(before, page));
      },
      (error) => {
        asking.current = null;
        setProblem(toEnvelope(error));
      },
    );
  }, [client, filter, next]);
  return { pages, problem, loadMore, showFresh: useCallback(() => setPages(showFresh), []) };
}
