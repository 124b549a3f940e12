// A document's events, read page by page and followed while it is edited.

import { useEffect, useState } from 'preact/hooks';
import { type EventInfo, historyPage } from '../model/documents.js';
import { describeError } from '../model/rest.js';

export interface EventList {
  readonly events: readonly EventInfo[];
  readonly head: number;
  readonly fault: string;
}

const pageSize = 1000;
/** Beyond this many the strip and the names of moments end; the slider goes on. */
const maxEvents = 20_000;
const followMs = 2_000;

export const useEvents = (id: string): EventList => {
  const [list, setList] = useState<EventList>({ events: [], head: 0, fault: '' });
  useEffect(() => {
    let events: readonly EventInfo[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const read = async (): Promise<void> => {
      try {
        for (;;) {
          const page = await historyPage(id, { after: events.length, limit: pageSize });
          if (over) return;
          const grown = page.events.length > 0;
          if (grown) events = [...events, ...page.events];
          if (grown || events.length === 0) setList({ events, head: page.head, fault: '' });
          if (page.next === null || events.length >= maxEvents) break;
        }
      } catch (error) {
        if (!over) setList((known) => ({ ...known, fault: describeError(error) }));
      }
      if (!over) timer = setTimeout(read, followMs);
    };
    read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id]);
  return list;
};
