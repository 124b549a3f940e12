// Much work at once, cut up so that typing goes on: a broadcast changes the views of everybody.

import { setTimeout } from 'node:timers/promises';

/** So many views are drafted, or shown, before typing has a moment to itself. */
const itemsPerTurn = 4;
/** A turn of the event loop instead of a moment is not enough: a keystroke needs several, and the disk's thread in between. */
const restMs = 1;

/** Calls `work` for each item in order, with a rest after every few. Rejects with what `work` throws; the items after it are left out. */
export const inTurns = async <Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> => {
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % itemsPerTurn === 0) await setTimeout(restMs);
    work(item);
  }
};

/** Lets one of those who wait go on in each turn of the event loop: all together then hold others up no longer than one of them does. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn. */
  readonly next = (): Promise<void> =>
    new Promise((go) => {
      this.#waiting.push(go);
      if (this.#waiting.length === 1) setImmediate(this.#pass);
    });

  readonly #pass = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#pass);
  };
}
