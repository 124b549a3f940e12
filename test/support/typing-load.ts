// People typing as fast as the server takes it, and a reader who notes what left the server. For tests that end the server meanwhile.

import * as Y from 'yjs';
import type { Random } from '../../src/model/time.js';
import { type Close, controlFrame, missingFrom, RawClient } from './raw-client.js';
import { wholeBelow } from './seed.js';

const writersPerRoom = 2;
const editsPerTick = 2;

/** A document and what anybody ever received of it, over all lives of the server. */
export class SeenRoom {
  readonly id: string;
  /** Everything that readers ever received, over all kills. */
  readonly seen = new Y.Doc();
  /** How far writers saw each other's clocks, which can be further than the reader came. */
  readonly clocks = new Map<number, number>();
  /** The highest seq that a `saved` notice named. */
  saved = 0;

  constructor(id: string) {
    this.id = id;
  }
}

const type =
  (random: Random) =>
  (doc: Y.Doc): void => {
    const text = doc.getText('content');
    if (text.length > 20 && random() < 0.3) text.delete(wholeBelow(random, text.length - 3), 1 + wholeBelow(random, 3));
    else text.insert(wholeBelow(random, text.length + 1), String.fromCharCode(97 + wholeBelow(random, 26)));
  };

/** One room's people for one life of the server. */
export class TypingLoad {
  readonly room: SeenRoom;
  readonly writers: readonly RawClient[];
  readonly reader: RawClient;
  sent = 0;

  constructor(room: SeenRoom, wsUrl: string) {
    this.room = room;
    this.writers = Array.from(
      { length: writersPerRoom },
      (_, index) => new RawClient(wsUrl, room.id, { user: `writer${index}` }),
    );
    this.reader = new RawClient(wsUrl, room.id, { user: 'reader' });
  }

  async ready(): Promise<void> {
    await Promise.all([this.reader, ...this.writers].map((client) => client.sync()));
    for (const writer of this.writers) writer.send(controlFrame({ id: 1, do: 'hello' }));
  }

  tick(random: Random): void {
    for (const writer of this.writers)
      for (let edit = 0; edit < editsPerTick; edit += 1) {
        writer.edit(type(random));
        this.sent += 1;
      }
  }

  /**
   * Waits for the sockets' end, so that every byte that left the server counts as seen. Then takes stock; `seen` is how many characters
   * of the writers the reader got.
   */
  async end(): Promise<{ readonly seen: number; readonly closes: readonly Close[] }> {
    const closes = await Promise.all([this.reader, ...this.writers].map((client) => client.closing()));
    const { room, reader, writers } = this;
    if (reader.doc.store.pendingStructs !== null) throw new Error(`${room.id}: the reader got an edit before its base`);
    Y.applyUpdate(room.seen, Y.encodeStateAsUpdate(reader.doc));
    for (const { doc, controls } of writers) {
      for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc)))
        if (client !== doc.clientID) room.clocks.set(client, Math.max(clock, room.clocks.get(client) ?? 0));
      for (const { event, seq } of controls) if (event === 'saved') room.saved = Math.max(room.saved, seq ?? 0);
    }
    const seen = writers.reduce((sum, { doc }) => sum + Y.getState(reader.doc.store, doc.clientID), 0);
    for (const client of [reader, ...writers]) client.destroy();
    return { seen, closes };
  }
}

export interface Loss {
  /** Struct clocks that somebody had received and that are gone. */
  readonly structs: number;
  /** 1 when a received delete is gone. */
  readonly deletes: number;
  /** 1 when a `saved` notice named a seq that is gone. */
  readonly saved: number;
}

/** What a freshly synced client lacks of what anybody had received. */
export const lossOf = async (room: SeenRoom, client: RawClient): Promise<Loss> => {
  const { structs, deletes } = missingFrom(client.doc, room.seen);
  const state = Y.decodeStateVector(Y.encodeStateVector(client.doc));
  let lost = structs;
  for (const [id, clock] of room.clocks) lost += Math.max(0, clock - (state.get(id) ?? 0));
  const { seq } = await client.request({ id: 7, do: 'hello' });
  return { structs: lost, deletes: deletes ? 1 : 0, saved: typeof seq === 'number' && seq >= room.saved ? 0 : 1 };
};
