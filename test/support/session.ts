// A random session of three people on one document, written to a log as a room would: each update as the room's Y.Doc emits it.

import * as Y from 'yjs';
import { systemActor, type UserId } from '../../src/model/ids.js';
import { DocumentLog, type NewDocumentEvent, userIdOf } from './document-log.js';
import type { Dice } from './random.js';
import { allEditKinds, type EditKind, randomEdit } from './random-edits.js';

export const people = ['alice', 'bob', 'carol'].map(userIdOf);

interface Client {
  readonly actor: UserId;
  readonly doc: Y.Doc;
  /** Updates under way to this client. */
  readonly waiting: Uint8Array[];
}

export class Session {
  readonly log: DocumentLog;
  /** The room's document. */
  readonly room = new Y.Doc();
  readonly #dice: Dice;
  readonly #kinds: readonly EditKind[];
  readonly #clients: readonly Client[];
  #emitted: Uint8Array[] = [];
  #at = 1_000_000;

  constructor(dice: Dice, options: { readonly kinds?: readonly EditKind[]; readonly name?: string } = {}) {
    this.#dice = dice;
    this.#kinds = options.kinds ?? allEditKinds;
    this.log = new DocumentLog(options.name ?? 'plan', { checkpoints: true });
    this.room.on('update', (payload: Uint8Array) => {
      this.#emitted.push(payload);
    });
    this.#clients = people.map((actor, index) => this.#join(actor, 100 + index));
  }

  #join(actor: UserId, clientId: number): Client {
    const client: Client = { actor, doc: new Y.Doc(), waiting: [] };
    client.doc.clientID = clientId;
    // Whatever did not come from the server goes there, also what Yjs does by itself when it tidies formatting.
    client.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.#receive(update, client);
    });
    return client;
  }

  #receive(sent: Uint8Array, from: Client): void {
    this.#at += this.#dice.below(900);
    const [delta, ...tidied] = this.#apply(sent);
    if (delta === undefined) return;
    this.log.append({ actor: from.actor, at: this.#at, payload: delta });
    for (const client of this.#clients) if (client !== from) client.waiting.push(delta);
    this.#tidy(tidied);
  }

  #apply(update: Uint8Array): readonly Uint8Array[] {
    this.#emitted = [];
    Y.applyUpdate(this.room, update);
    return this.#emitted;
  }

  /** What the room's document did by itself, to formats of nested rich text, is an event of the system. */
  #tidy(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      this.log.append({ actor: systemActor, at: this.#at, payload: update });
      for (const client of this.#clients) client.waiting.push(update);
    }
  }

  edit(count: number): void {
    for (let i = 0; i < count; i++) {
      const client = this.#dice.pick(this.#clients);
      if (this.#dice.chance(0.7)) this.#deliver(client);
      randomEdit(client.doc, client.actor, this.#dice, this.#kinds);
    }
  }

  #deliver({ doc, waiting }: Client): void {
    for (const update of waiting.splice(0)) Y.applyUpdate(doc, update, 'server');
  }

  /** Logs an update of the server's own, applies it and tells everybody, as a room does. */
  publish(event: NewDocumentEvent & { readonly payload: Uint8Array }): void {
    const [, ...tidied] = this.#apply(event.payload);
    this.log.append(event);
    for (const client of this.#clients) client.waiting.push(event.payload);
    this.#tidy(tidied);
  }

  /** Delivers all that is under way, until nothing is, and returns the clients' documents. */
  settle(): readonly Y.Doc[] {
    while (this.#clients.some(({ waiting }) => waiting.length > 0))
      for (const client of this.#clients) this.#deliver(client);
    return this.#clients.map(({ doc }) => doc);
  }
}
