// Channels without sockets: a real log with the product's projections, view documents, a document, and clients that behave as the stock
// provider does. Boards and inboxes take their content from a model that stands for the domains' projections.

import * as Y from 'yjs';
import { Committer } from '../../src/crdt/committer.js';
import type { Outlet } from '../../src/crdt/outlet.js';
import { Overlay } from '../../src/crdt/overlay.js';
import {
  decodeFrame,
  defaultProtocolLimits,
  encodeAwareness,
  encodeStep1,
  encodeStep2,
  encodeUpdate,
} from '../../src/crdt/protocol.js';
import { Room } from '../../src/crdt/room.js';
import { RoomCounts } from '../../src/crdt/room-counts.js';
import { Session } from '../../src/crdt/session.js';
import { liveUpdateLimits, syncUpdateLimits } from '../../src/crdt/update-limits.js';
import { ViewClients } from '../../src/crdt/view-clients.js';
import { Views } from '../../src/crdt/views.js';
import { channelRequests } from '../../src/http/channel-control.js';
import { controlHandler } from '../../src/http/control.js';
import type { SqliteLog } from '../../src/log/sqlite-log.js';
import type { ContrailError } from '../../src/model/errors.js';
import { type StreamName, streamName } from '../../src/model/ids.js';
import type { Json } from '../../src/model/json.js';
import type { Role } from '../../src/model/roles.js';
import type { Clock, Random } from '../../src/model/time.js';
import type { EntryPatch, ViewPatch } from '../../src/model/views.js';
import { openLog } from '../log/temporary-log.js';
import { packLength, unpackLength } from '../support/bench-room.js';
import { documentIdOf, userIdOf } from '../support/document-log.js';
import { turn } from '../support/held-log.js';
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.js';

export const productWriter = new URL('../../src/writer.js', import.meta.url);
export const faultyWriter = new URL('../support/faulty-product-writer.js', import.meta.url);
export const board = (name: string): StreamName => streamName('board', name);
export const inbox = (user: string): StreamName => streamName('view', user);

type Fields = Record<string, Json>;
/** What the domains' projections hold: entries by view. It outlives a restart. */
export type Model = Map<StreamName, Map<string, Fields>>;

/** The model's view as JSON, to compare with what a client sees. */
export const contentOf = (model: Model, view: StreamName): Record<string, Fields> =>
  Object.fromEntries(model.get(view) ?? []);

export interface StageOptions {
  readonly random: Random;
  readonly model?: Model;
  readonly writerUrl?: URL;
  readonly clock?: VirtualClock;
  /** The document as it was before a restart. */
  readonly document?: Uint8Array;
}

export class Stage {
  readonly log: SqliteLog;
  readonly views: Views;
  readonly clients: ViewClients;
  readonly model: Model;
  readonly clock: VirtualClock;
  room: Room;
  readonly people = new Set<StageClient>();
  readonly faults: unknown[] = [];

  static async open(dataDir: string, options: StageOptions): Promise<Stage> {
    return new Stage(
      await openLog(dataDir, { writerUrl: options.writerUrl ?? productWriter, durability: 'normal' }),
      options,
    );
  }

  private constructor(log: SqliteLog, options: StageOptions) {
    this.log = log;
    this.model = options.model ?? new Map();
    this.clock = options.clock ?? createVirtualClock(Date.UTC(2026, 10, 22));
    this.clients = new ViewClients(log.db);
    this.views = new Views({
      log,
      clients: this.clients,
      clock: this.clock as Clock,
      random: options.random,
      pack: packLength,
      content: (view) => [...(this.model.get(view) ?? [])].map(([key, fields]) => ({ key, fields })),
      onFault: (_source, error) => this.faults.push(error),
    });
    this.room = this.#newRoom(options.document);
  }

  #newRoom(document?: Uint8Array): Room {
    const doc = new Y.Doc();
    if (document) Y.applyUpdate(doc, document);
    return new Room(
      documentIdOf('plan'),
      { doc, seq: 0, checkpointBytes: 0, bytesSince: 0 },
      {
        committer: new Committer(this.log),
        counts: new RoomCounts(),
        writable: () => true,
        clock: this.clock,
        pack: packLength,
        dropped: () => undefined,
        awarenessChanged: (room) => room.flushPresence(),
      },
    );
  }

  /** Sends everybody home and begins an empty document; the views stay. */
  clear(): void {
    for (const person of [...this.people]) person.leave();
    this.room = this.#newRoom();
  }

  /** One change of one view, as a domain makes it: logged and shown in one transaction, and in the model if that went well. */
  async change(view: StreamName, ...entries: readonly EntryPatch[]): Promise<void> {
    await this.commit([{ view, entries }]);
  }

  async commit(patches: readonly ViewPatch[]): Promise<void> {
    await this.views.commit({ events: [], views: patches });
    for (const { view, entries } of patches) {
      const held = this.model.get(view) ?? new Map<string, Fields>();
      this.model.set(view, held);
      for (const { key, fields } of entries) {
        if (fields === null) held.delete(key);
        else held.set(key, merged(held.get(key), fields));
      }
    }
  }

  enter(user: string, options: ClientOptions = {}): StageClient {
    return new StageClient(this, user, options);
  }

  /** Lets everything that is under way arrive. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      await turn();
      await this.views.commit({ events: [], views: [] }).catch(() => undefined);
      await turn();
      let frames = 0;
      for (const person of [...this.people]) frames += person.read();
      quiet = frames === 0 ? quiet + 1 : 0;
    }
  }

  async close(): Promise<void> {
    for (const person of [...this.people]) person.leave();
    await this.log.close();
  }
}

const merged = (held: Fields | undefined, fields: NonNullable<EntryPatch['fields']>): Fields => {
  const next: Fields = { ...held };
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) delete next[field];
    else next[field] = value;
  }
  return next;
};

export interface ClientOptions {
  readonly doc?: Y.Doc;
  readonly role?: Role;
  readonly channels?: readonly string[];
  /** `false`: it has no presence, so the server does not know its client id. */
  readonly presence?: boolean;
}

/** A stock client: answers step1, sends what it edits, applies what it is sent when told to `read`. */
export class StageClient implements Outlet {
  readonly doc: Y.Doc;
  readonly stage: Stage;
  readonly user: string;
  closed: ContrailError | null = null;
  /** While true, live packets are refused as by a slow consumer. */
  slow = false;
  /** What its edits make is kept and not sent. */
  mute = false;
  bytesReceived = 0;
  readonly controls: Record<string, Json>[] = [];
  #session: Session | null = null;
  readonly #options: ClientOptions;
  #packets: Uint8Array[] = [];
  #nextRequest = 1;
  readonly #onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin !== this.stage && !this.mute) this.transmit(encodeUpdate(update));
  };

  constructor(stage: Stage, user: string, options: ClientOptions) {
    this.stage = stage;
    this.user = user;
    this.doc = options.doc ?? new Y.Doc();
    this.#options = options;
    this.doc.on('update', this.#onUpdate);
    stage.people.add(this);
  }

  /** Connects and exchanges states. */
  async join(): Promise<this> {
    const { stage } = this;
    const overlay = new Overlay({
      views: stage.views,
      clients: stage.clients,
      userId: userIdOf(this.user),
      positions: null,
    });
    const session = new Session(stage.room, {
      actor: { userId: userIdOf(this.user), name: null, admin: false, documents: null, expiresAt: null },
      role: this.#options.role ?? 'editor',
      overlay,
      outlet: this,
      pack: packLength,
      limits: {
        protocol: defaultProtocolLimits,
        liveUpdate: liveUpdateLimits,
        firstSync: syncUpdateLimits,
        maxUpdateBytes: 1024 * 1024,
        maxWaitingUpdates: 64,
        maxWaitingBytes: 1024 * 1024,
      },
      control: controlHandler(channelRequests),
      trial: async () => undefined,
      now: () => stage.clock.now(),
    });
    const channels = this.#options.channels ?? ['flights', 'notifications'];
    await Promise.all(channels.map((name) => overlay.subscribe(name, session)));
    this.#session = session;
    this.transmit(encodeStep1(Y.encodeStateVector(this.doc)));
    if (this.#options.presence !== false)
      this.transmit(encodeAwareness([{ client: this.doc.clientID, clock: 0, state: '{}' }]));
    await stage.settle();
    return this;
  }

  /** A frame to the server; what it throws closes the connection, as http/ does. */
  transmit(frame: Uint8Array): void {
    try {
      this.#session?.receive(frame);
    } catch (error) {
      this.close(error as ContrailError);
    }
  }

  get session(): Session {
    if (!this.#session) throw new Error(`${this.user} is not connected`);
    return this.#session;
  }

  async request(body: Record<string, Json>): Promise<Record<string, Json>> {
    const id = this.#nextRequest++;
    const text = new TextEncoder().encode(JSON.stringify({ id, ...body }));
    this.transmit(Uint8Array.from([64, text.length, ...text]));
    await this.stage.settle();
    const answer = this.controls.find((control) => control['id'] === id);
    if (!answer) throw new Error('no answer');
    return answer;
  }

  send(packet: Uint8Array): void {
    this.#packets.push(packet);
  }

  offer(packet: Uint8Array): boolean {
    if (this.slow) return false;
    this.#packets.push(packet);
    return true;
  }

  close(error: ContrailError): void {
    this.closed = error;
    this.leave();
  }

  /** The connection is gone; the document stays. */
  leave(): void {
    this.#session?.leave();
    this.#session = null;
    this.#packets = [];
    this.doc.off('update', this.#onUpdate);
    this.stage.people.delete(this);
  }

  /** Handles what has arrived, as the stock provider does; how many frames it was. */
  read(): number {
    const frames = this.#packets.splice(0).flatMap(unpackLength);
    for (const frame of frames) {
      this.bytesReceived += frame.length;
      if (frame[0] === 64) {
        const { text } = decodeFrame(frame, defaultProtocolLimits) as { readonly text: string };
        this.controls.push(JSON.parse(text) as Record<string, Json>);
        continue;
      }
      if (frame[0] !== 0) continue;
      const decoded = decodeFrame(frame, defaultProtocolLimits);
      if (decoded.type === 'step1') {
        const vector = Y.encodeStateVector(new Map(decoded.stateVector));
        this.transmit(encodeStep2(Y.encodeStateAsUpdate(this.doc, vector)));
      } else if (decoded.type === 'step2' || decoded.type === 'update')
        Y.applyUpdate(this.doc, decoded.update, this.stage);
    }
    return frames.length;
  }

  root(name: string): Record<string, Fields> {
    return this.doc.getMap(name).toJSON() as Record<string, Fields>;
  }
}
