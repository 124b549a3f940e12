// One connection's place in a room: takes its frames, knows its actor and role, and what it still has to be told.
// Knows nothing of sockets; throws ContrailError for whatever must cost the sender its connection.

import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';
import { allows, type Role } from '../model/roles.js';
import type { ClockRange } from './change.js';
import { controlReply, parseRequest } from './control-request.js';
import { EditIntake } from './edit-intake.js';
import { lockedNotice } from './locks.js';
import type { Outlet, Pack, Packet } from './outlet.js';
import type { Overlay } from './overlay.js';
import { decodeFrame, encodeControl, type Frame } from './protocol.js';
import type { Room } from './room.js';
import type { SessionOptions } from './session-options.js';
import { answerMissed, answerStep1, askForMore } from './sync-answers.js';
import { ViewsWanted } from './view-look-ups.js';

const presenceAnswerIntervalMs = 5_000;
const maxHeldFrames = 1_000;

export class Session {
  readonly room: Room;
  readonly actor: Actor;
  readonly outlet: Outlet;
  readonly overlay: Overlay | null;
  /** What its actor may do now. Without one it is neither heard nor told anything until `tellRole` closes it. */
  role: Role | null;
  /** What it was last told of its role. */
  #toldRole: Role | null;
  /** Whether it asked to be shown as away, and when its person last did something, Unix ms. */
  statedAway = false;
  activeAt: number;
  /** It has sent a control message and therefore understands them. */
  listensToControl = false;
  /** Puts a message into its transport frame. */
  readonly pack: Pack;
  readonly #options: SessionOptions;
  readonly #intake: EditIntake;
  /** Its step1 was answered: it gets live updates from there on. */
  #joined = false;
  /** Frames that came while a large sync is being tried out or the room stands still, in order. */
  #held: Uint8Array[] | null = null;
  /** Set while it is too slow for live frames: the lowest clock per client that it has not been sent. */
  #missed: Map<number, number> | null = null;
  #presenceAnsweredAt = Number.NEGATIVE_INFINITY;

  constructor(room: Room, options: SessionOptions) {
    this.room = room;
    this.actor = options.actor;
    this.role = this.#toldRole = options.role;
    this.activeAt = options.now();
    this.outlet = options.outlet;
    this.overlay = options.overlay;
    this.pack = options.pack;
    this.#options = options;
    this.#intake = new EditIntake(this, options);
    room.enter(this);
  }

  /** Handles one frame. Throws ContrailError; the connection is then to be closed with it. */
  receive(bytes: Uint8Array): void {
    this.assertCurrent(this.#options.now());
    if (!this.role) return;
    if (!this.#held && this.room.hold.active) this.#holdUntilReleased();
    if (this.#held) return this.#hold(bytes);
    try {
      this.#handle(decodeFrame(bytes, this.#options.limits.protocol));
    } catch (error) {
      if (!(error instanceof ViewsWanted)) throw error;
      // The frame's memory belongs to the socket.
      const copy = bytes.slice();
      this.#wait(error.lookUp().then(() => () => this.receive(copy)));
    }
  }

  #handle(frame: Frame): void {
    if (!this.role) return;
    switch (frame.type) {
      case 'step1':
        return answerStep1(this, frame.stateVector, allows(this.role, 'edit'));
      case 'step2':
        return this.#sync(frame.update);
      case 'update':
        return this.#intake.update(frame.update);
      case 'awareness':
        this.room.counts.awarenessReceived += 1;
        if (this.room.presence(this, frame.entries)) this.activeAt = this.#options.now();
        return;
      case 'query-awareness':
        return this.#answerPresence();
      case 'control':
        return this.#control(frame.text);
    }
  }

  /** Throws `token-expired` once its actor's token has. */
  assertCurrent(now: number): void {
    const { expiresAt } = this.actor;
    if (expiresAt !== null && now >= expiresAt) throw new ContrailError('token-expired', 'the token has expired');
    this.#intake.assertAnswered(now);
  }

  /** Tells the connection what its role has become; ends it when there is none left. */
  tellRole(): void {
    if (this.role === this.#toldRole) return;
    const gained = !allows(this.#toldRole, 'edit');
    this.#toldRole = this.role;
    if (!this.role)
      return this.outlet.close(new ContrailError('forbidden', 'you have no role in this document any more'));
    this.notice({ event: 'role', role: this.role });
    if (gained) this.askEditor();
  }

  /** Whether it wants to be shown as away, by request or in its awareness state. */
  get saysAway(): boolean {
    return this.statedAway || this.room.awareness.fieldsOf(this).away;
  }

  /** A live packet; the entries it is made of are noted if it cannot be taken now. */
  offer(packet: Packet, entries: readonly Ranged[]): void {
    if (!this.#joined || !this.role) return;
    if (!this.#missed) {
      if (this.outlet.offer(packet)) {
        this.room.counts.editsSent += entries.length;
        return;
      }
      this.#missed = new Map();
    }
    noteLowest(this.#missed, entries);
  }

  /** The connection has caught up: what it missed is sent as one difference, edits that are still on their way to everybody included. */
  drained(): void {
    if (!this.#missed || this.room.closed) return;
    noteLowest(this.#missed, this.room.unsent());
    answerMissed(this, this.#missed);
  }

  /** An answer that changes what the session gets from now on has left. */
  answered(what: 'joined' | 'caught-up'): void {
    if (what === 'joined') this.#joined = true;
    this.#missed = null;
  }

  /** A step1 is on its way to the client. */
  asked(): void {
    this.#intake.asked();
  }

  /** Sends a notice to a connection that understands control messages. */
  notice(message: JsonObject): void {
    if (this.listensToControl) this.outlet.send(this.pack(encodeControl(JSON.stringify(message))));
  }

  /** Everything it sent has reached the room. */
  get settled(): boolean {
    return !this.#held && this.#intake.settled;
  }

  /** Frames that wait for a large sync or for the room, and updates that wait for something missing. */
  get backlog(): { readonly frames: number; readonly updates: number; readonly updateBytes: number } {
    const { size, bytes } = this.#intake.waiting;
    return { frames: this.#held?.length ?? 0, updates: size, updateBytes: bytes };
  }

  /** Asks for more, unless its role is not to bring any. */
  askEditor(): void {
    if (allows(this.role, 'edit')) askForMore(this);
  }

  leave(): void {
    this.room.leave(this);
    this.overlay?.close();
    this.#intake.clear();
  }

  #holdUntilReleased(): void {
    this.#held = [];
    this.room.hold.wait(() => this.#resume(() => undefined));
  }

  #hold(bytes: Uint8Array): void {
    if ((this.#held?.push(bytes.slice()) ?? 0) > maxHeldFrames)
      throw new ContrailError('rate-limited', 'too many frames while the document is being checked');
  }

  #sync(bytes: Uint8Array): void {
    const trial = this.#intake.step2(bytes);
    if (trial) this.#wait(trial);
  }

  /** Holds further frames until the work is done, and what it leaves to do. */
  #wait(work: Promise<() => void>): void {
    this.#held = [];
    work.then(
      (finish) => this.#resume(finish),
      (error: unknown) => this.outlet.close(asContrailError(error)),
    );
  }

  /** Handles what came while a large sync was tried out, or the room stood still. */
  #resume(first: () => void): void {
    if (this.room.hold.active) return this.room.hold.wait(() => this.#resume(first));
    const held = this.#held ?? [];
    this.#held = null;
    if (this.room.closed || !this.room.sessions.has(this)) return;
    try {
      first();
      for (const bytes of held) this.receive(bytes);
    } catch (error) {
      this.outlet.close(asContrailError(error));
    }
  }

  #answerPresence(): void {
    const now = this.#options.now();
    if (now - this.#presenceAnsweredAt < presenceAnswerIntervalMs) return;
    this.#presenceAnsweredAt = now;
    const presence = this.room.awareness.snapshot();
    if (presence) this.outlet.send(this.pack(presence));
  }

  #control(text: string): void {
    const request = parseRequest(text);
    const { lock } = this.room.guard;
    const first = !this.listensToControl;
    this.listensToControl = true;
    this.activeAt = this.#options.now();
    if (first && lock) this.notice(lockedNotice(lock));
    void controlReply(this, this.#options.control, request).then((reply) =>
      this.outlet.send(this.pack(encodeControl(reply))),
    );
  }
}

type Ranged = { readonly ranges: readonly ClockRange[] };

/** Adds the entries to the lowest clock per client. */
const noteLowest = (lowest: Map<number, number>, entries: readonly Ranged[]): void => {
  for (const { ranges } of entries)
    for (const { client, clock } of ranges) lowest.set(client, Math.min(clock, lowest.get(client) ?? clock));
};
