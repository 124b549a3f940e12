// A reader of the change feed: pages by fetch, the stream by a stock EventSource, as somebody with a token.

import { EventSource } from 'eventsource';
import type { World } from '../access/world.js';

export interface SeenChange {
  readonly id: number;
  readonly type: string;
  readonly subject: string;
  readonly seq: number;
  readonly actor: string;
  readonly kind: string;
  readonly bytes: number;
  readonly data?: Readonly<Record<string, unknown>>;
}

export interface SeenPage {
  readonly events: readonly SeenChange[];
  readonly cursor: number;
  readonly head: number;
  readonly next: string | null;
}

/** One page; throws unless it is answered with 200. */
export const page = async (world: World, token: string, query = ''): Promise<SeenPage> => {
  const { status, body } = await world.call('GET', `/events${query}`, token);
  if (status !== 200) throw new Error(`GET /events${query}: ${status} ${JSON.stringify(body)}`);
  return body as unknown as SeenPage;
};

/** Everything after an id, page by page; a few events at a time unless said otherwise. */
export const pages = async (world: World, token: string, after = 0, limit = 7): Promise<readonly SeenChange[]> => {
  const found: SeenChange[] = [];
  for (let cursor = after; ; ) {
    const { events, next, cursor: reached } = await page(world, token, `?after=${cursor}&limit=${limit}`);
    found.push(...events);
    cursor = reached;
    if (next === null) return found;
  }
};

export class StreamReader {
  readonly seen: SeenChange[] = [];
  /** Everything that came, to look for words in. */
  text = '';
  errors = 0;
  opened = 0;
  readonly #source: EventSource;

  constructor(url: string, token: string, after: number | 'now' | null) {
    const query = after === null ? '' : `?after=${after}`;
    this.#source = new EventSource(`${url}/api/realtime/events${query}`, {
      fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } }),
    });
    this.#source.onopen = () => {
      this.opened += 1;
    };
    this.#source.onmessage = ({ data }) => {
      this.text += data;
      this.seen.push(JSON.parse(data as string) as SeenChange);
    };
    this.#source.onerror = () => {
      this.errors += 1;
    };
  }

  get ids(): readonly number[] {
    return this.seen.map(({ id }) => id);
  }

  /** Whether it has given up: the server said no. */
  get ended(): boolean {
    return this.#source.readyState === this.#source.CLOSED;
  }

  close(): void {
    this.#source.close();
  }
}
