// What a page can ask of the server beside editing, on top of a stock WebsocketProvider: undo, locks, presence, and whether its edits are on disk.

import type { Json } from '../model/json.js';
import { ControlError, type ControlLink, controlOf, type StockProvider } from './control.js';

export interface Lock {
  readonly userId: string;
  /** RFC 3339. */
  readonly until: string;
}

export interface Peer {
  /** The Yjs client id of the connection. */
  readonly clientId: number;
  /** As the server knows them: nobody can appear as somebody else. */
  readonly userId: string;
  readonly name: string | null;
  readonly color: string | null;
  readonly status: 'online' | 'away';
  readonly typing: boolean;
  /** Whatever the editor's binding puts there. */
  readonly cursor: Json;
}

/** Takes or renews the document's lock. Rejects with ControlError `locked` or `forbidden`. */
export const lock = async (provider: StockProvider, ttlSeconds?: number): Promise<Lock> => {
  const answer = await controlOf(provider).request('lock', ttlSeconds === undefined ? {} : { ttlSeconds });
  return answer['lock'] as unknown as Lock;
};

/** Frees the lock: one's own, or anybody's for the owner and admins. */
export const unlock = async (provider: StockProvider): Promise<void> => {
  await controlOf(provider).request('unlock');
};

/** Shown to peers and counted by the server; holds across reconnects. */
export const setStatus = (provider: StockProvider, status: 'online' | 'away'): void =>
  provider.awareness.setLocalStateField('status', status);

export const setTyping = (provider: StockProvider, typing: boolean): void =>
  provider.awareness.setLocalStateField('typing', typing);

/** The others in the document, one per connection. */
export const peersOf = (provider: StockProvider): readonly Peer[] => {
  const peers: Peer[] = [];
  for (const [clientId, state] of provider.awareness.getStates()) {
    const user = state['user'] as
      | { readonly id?: unknown; readonly name?: unknown; readonly color?: unknown }
      | undefined;
    // States without a person have not come from the server.
    if (clientId === provider.awareness.clientID || typeof user?.id !== 'string') continue;
    peers.push({
      clientId,
      userId: user.id,
      name: typeof user.name === 'string' ? user.name : null,
      color: typeof user.color === 'string' ? user.color : null,
      status: state['status'] === 'away' ? 'away' : 'online',
      typing: state['typing'] === true,
      cursor: (state['cursor'] ?? null) as Json,
    });
  }
  return peers;
};

/**
 * Resolves once every edit made here so far is on the server's disk; while somebody else holds the lock, that is after its release. Waits for
 * the connection if there is none. Rejects with ControlError `forbidden` when this connection may only read.
 */
export const whenSaved = async (provider: StockProvider): Promise<void> => {
  const link = controlOf(provider);
  for (;;) {
    try {
      // Answered after the commit of everything that was sent before it.
      const { role, actor } = await link.request('hello');
      if (role === 'viewer') throw new ControlError('forbidden', 'this connection may only read');
      if (link.lockedBy === null || link.lockedBy === actor) return;
      await released(link);
      // The server asks for what we have kept before it answers this; our next question comes after what we then sent.
      await link.request('hello');
    } catch (error) {
      if (!(error instanceof ControlError && error.code === 'disconnected')) throw error;
    }
  }
};

/** Resolves once nobody holds the lock, or the connection is another one. */
const released = (link: ControlLink): Promise<void> =>
  new Promise((resolve) => {
    const end = link.onNotice(() => {
      if (link.lockedBy !== null) return;
      end();
      resolve();
    });
  });

export interface Undone {
  /** The seq of the undo or redo itself. */
  readonly seq: number;
  /** The seqs of the events whose effect was taken back. */
  readonly undone: readonly number[];
}

export interface UndoScope {
  /** `user` (the default): the person's own last step; `document`: anybody's. */
  readonly scope?: 'user' | 'document';
}

const takeBack = async (provider: StockProvider, what: 'undo' | 'redo', { scope }: UndoScope): Promise<Undone> =>
  (await controlOf(provider).request(what, scope === undefined ? {} : { scope })) as unknown as Undone;

/** Takes back the last step. Rejects with ControlError `nothing-to-undo`, `forbidden` or `locked`. */
export const undo = (provider: StockProvider, options: UndoScope = {}): Promise<Undone> =>
  takeBack(provider, 'undo', options);

/** Brings back what the last undo took. Rejects as `undo` does. */
export const redo = (provider: StockProvider, options: UndoScope = {}): Promise<Undone> =>
  takeBack(provider, 'redo', options);
