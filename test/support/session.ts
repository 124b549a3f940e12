// A random session of three people on one document, written to a log as a room would: each update as the room's Y.Doc emits it.

import * as Y from 'yjs';
import { DocumentLog, userIdOf } from './document-log.js';
import type { Dice } from './random.js';
import { allEditKinds, type EditKind, randomEdit } from './random-edits.js';

export const people = ['alice', 'bob', 'carol'].map(userIdOf);

export class Session {
  readonly log: DocumentLog;
  /** The room's document. */
  readonly room = new Y.Doc();
  readonly #dice: Dice;
  readonly #kinds: readonly EditKind[];
  readonly #clients = people.map((actor, index) => {
    const doc = new Y.Doc();
    doc.clientID = 100 + index;
    return { actor, doc, waiting: [] as Uint8Array[] };
  });
  #at = 1_000_000;

  constructor(dice: Dice, options: { readonly kinds?: readonly EditKind[]; readonly name?: string } = {}) {
    this.#dice = dice;
    this.#kinds = options.kinds ?? allEditKinds;
    this.log = new DocumentLog(options.name ?? 'plan', { checkpoints: true });
    this.room.on('update', (payload: Uint8Array) => {
      this.#emitted = payload;
    });
  }

  #emitted: Uint8Array | null = null;

  edit(count: number): void {
    for (let i = 0; i < count; i++) {
      const { actor, doc, waiting } = this.#dice.pick(this.#clients);
      if (this.#dice.chance(0.7)) for (const update of waiting.splice(0)) Y.applyUpdate(doc, update);
      let sent: Uint8Array | null = null;
      doc.once('update', (update: Uint8Array) => {
        sent = update;
      });
      randomEdit(doc, actor, this.#dice, this.#kinds);
      if (sent === null) continue;
      this.#emitted = null;
      Y.applyUpdate(this.room, sent);
      if (this.#emitted === null) continue;
      this.#at += this.#dice.below(900);
      this.log.append({ actor, at: this.#at, payload: this.#emitted });
      for (const client of this.#clients) if (client.doc !== doc) client.waiting.push(this.#emitted);
    }
  }

  /** Applies an update of the server's own and tells everybody, as a room does. */
  publish(update: Uint8Array): void {
    Y.applyUpdate(this.room, update);
    for (const client of this.#clients) client.waiting.push(update);
  }

  /** Delivers all that is under way and returns the clients' documents. */
  settle(): readonly Y.Doc[] {
    for (const { doc, waiting } of this.#clients) for (const update of waiting.splice(0)) Y.applyUpdate(doc, update);
    return this.#clients.map(({ doc }) => doc);
  }
}
