// Undo and redo on the server, on top of a stock WebsocketProvider: they reach across reconnects, devices and server restarts. The change
// itself arrives like anybody else's edit.

import { controlOf, type StockProvider } from './control.js';

export interface Undone {
  /** The seq of the undo or redo itself. */
  readonly seq: number;
  /** The seqs of the events whose effect was taken back. */
  readonly undone: readonly number[];
}

export interface UndoOptions {
  /** `user` (the default): the person's own last step; `document`: anybody's. */
  readonly scope?: 'user' | 'document';
}

const ask = async (provider: StockProvider, what: 'undo' | 'redo', { scope }: UndoOptions): Promise<Undone> =>
  (await controlOf(provider).request(what, scope === undefined ? {} : { scope })) as unknown as Undone;

/** Takes back the last step. Rejects with ControlError `nothing-to-undo`, `forbidden` or `locked`. */
export const undo = (provider: StockProvider, options: UndoOptions = {}): Promise<Undone> =>
  ask(provider, 'undo', options);

/** Brings back what the last undo took. Rejects as `undo` does. */
export const redo = (provider: StockProvider, options: UndoOptions = {}): Promise<Undone> =>
  ask(provider, 'redo', options);
