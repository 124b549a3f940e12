// A room with people in it, without sockets: what each of them was sent is kept as decoded frames.

import * as Y from 'yjs';
import { Committer } from '../../src/crdt/committer.js';
import type { Outlet } from '../../src/crdt/outlet.js';
import { defaultProtocolLimits, encodeStep1, encodeStep2, encodeUpdate } from '../../src/crdt/protocol.js';
import { Room } from '../../src/crdt/room.js';
import { RoomCounts } from '../../src/crdt/room-counts.js';
import { Session } from '../../src/crdt/session.js';
import { liveUpdateLimits, syncUpdateLimits } from '../../src/crdt/update-limits.js';
import type { ContrailError } from '../../src/model/errors.js';
import type { EventLog } from '../../src/model/event-log.js';
import { parseDocumentId, parseUserId } from '../../src/model/ids.js';
import type { Role } from '../../src/model/roles.js';

export class Person implements Outlet {
  readonly doc = new Y.Doc();
  readonly sent: Uint8Array[] = [];
  closed: ContrailError | null = null;
  /** While true, live packets are refused as by a slow consumer. */
  slow = false;
  session: Session | null = null;
  /** Updates made but not sent yet. */
  readonly made: Uint8Array[] = [];

  constructor() {
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'server') this.made.push(update);
    });
  }

  send(packet: Uint8Array): void {
    this.sent.push(packet);
  }

  offer(packet: Uint8Array): boolean {
    if (this.slow) return false;
    this.sent.push(packet);
    return true;
  }

  close(error: ContrailError): void {
    this.closed = error;
    this.session?.leave();
  }

  /** Sends what was made as live updates. */
  flush(): void {
    for (const update of this.made.splice(0)) this.receive(encodeUpdate(update));
  }

  receive(frame: Uint8Array): void {
    this.session?.receive(frame);
  }

  join(): void {
    this.receive(encodeStep1(Y.encodeStateVector(this.doc)));
    this.made.length = 0;
    this.receive(encodeStep2(Y.encodeStateAsUpdate(this.doc)));
  }

  /** Applies the sync frames it was sent, and returns all frames since the last call. */
  read(): readonly Uint8Array[] {
    const frames = this.sent.splice(0).flatMap((packet) => unpackLength(packet));
    for (const frame of frames) {
      if (frame[0] === 0 && (frame[1] === 1 || frame[1] === 2)) Y.applyUpdate(this.doc, syncPayload(frame), 'server');
    }
    return frames;
  }

  get text(): string {
    return this.doc.getText('content').toString();
  }
}

/** Length-prefixed, so that runs that were joined come apart again. */
export const packLength = (message: Uint8Array, rest: Uint8Array = new Uint8Array()): Uint8Array => {
  const packet = new Uint8Array(4 + message.length + rest.length);
  new DataView(packet.buffer).setUint32(0, packet.length - 4);
  packet.set(message, 4);
  packet.set(rest, 4 + message.length);
  return packet;
};

/** The messages of a packet, which may be several that were joined. */
export const unpackLength = (packet: Uint8Array): Uint8Array[] => {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < packet.length; ) {
    const length = new DataView(packet.buffer, packet.byteOffset + at).getUint32(0);
    frames.push(packet.slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return frames;
};

const syncPayload = (frame: Uint8Array): Uint8Array => {
  let at = 2;
  while ((frame[at] ?? 0) >= 0x80) at += 1;
  return frame.subarray(at + 1);
};

const documentId = parseDocumentId('plan');
if (!documentId) throw new Error('no document id');

export class BenchRoom {
  readonly room: Room;
  dropped: ContrailError | null = null;
  writable = true;

  constructor(log: EventLog, doc = new Y.Doc()) {
    this.room = new Room(
      documentId as NonNullable<typeof documentId>,
      { doc, seq: 0, checkpointBytes: 0, bytesSince: 0 },
      {
        committer: new Committer(log),
        counts: new RoomCounts(),
        clock: { now: () => 1_000, after: () => () => undefined },
        pack: packLength,
        writable: () => this.writable,
        dropped: (_room, error) => {
          this.dropped = error;
        },
        awarenessChanged: (room) => room.flushPresence(),
      },
    );
  }

  enter(user: string, role: Role = 'editor'): Person {
    const person = new Person();
    const userId = parseUserId(user);
    if (!userId) throw new Error('no user id');
    person.session = new Session(this.room, {
      actor: { userId, name: null, admin: false, documents: null, expiresAt: null },
      role,
      overlay: null,
      outlet: person,
      pack: packLength,
      limits: {
        protocol: defaultProtocolLimits,
        liveUpdate: liveUpdateLimits,
        firstSync: syncUpdateLimits,
        maxUpdateBytes: 1024 * 1024,
        maxWaitingUpdates: 64,
        maxWaitingBytes: 1024 * 1024,
      },
      control: async () => ({}),
      trial: async () => undefined,
      now: () => 1_000,
    });
    return person;
  }
}
