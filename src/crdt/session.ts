// One connection's place in a room: takes its frames, knows its actor and role, and what it still has to be told.
// Knows nothing of sockets; throws ContrailError for whatever must cost the sender its connection.

import * as Y from 'yjs';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';
import { allows, type Role } from '../model/roles.js';
import type { Change, ClockRange } from './change.js';
import { checkUpdate } from './gate.js';
import type { Outlet, Pack, Packet } from './outlet.js';
import type { Overlay } from './overlay.js';
import { decodeFrame, encodeControl, encodePermissionDenied, encodeUpdate, type ProtocolLimits } from './protocol.js';
import type { Room } from './room.js';
import { answerMissed, answerStep1, askForMore } from './sync-answers.js';
import type { Trial } from './trial.js';
import type { UpdateLimits } from './update-limits.js';
import { type ParsedUpdate, parseUpdate } from './update-parser.js';
import { encodeRetraction } from './update-splice.js';
import { WaitingUpdates } from './waiting-updates.js';

export interface SessionLimits {
  readonly protocol: ProtocolLimits;
  readonly liveUpdate: UpdateLimits;
  readonly firstSync: UpdateLimits;
  /** Largest live update, in bytes. */
  readonly maxUpdateBytes: number;
  readonly maxWaitingUpdates: number;
  readonly maxWaitingBytes: number;
}

/** Answers a control request; `null` for a `do` it does not know. */
export type ControlHandler = (session: Session, request: JsonObject) => Promise<JsonObject | null>;

export interface SessionOptions {
  readonly actor: Actor;
  readonly role: Role;
  /** The channels laid over the document; `null` for a plain document server. */
  readonly overlay: Overlay | null;
  readonly outlet: Outlet;
  readonly pack: Pack;
  readonly limits: SessionLimits;
  readonly control: ControlHandler;
  readonly trial: Trial;
  readonly now: () => number;
}

const presenceAnswerIntervalMs = 5_000;
const deniedIntervalMs = 1_000;
const maxDeniedEdits = 100;
const maxHeldFrames = 1_000;

export class Session {
  readonly room: Room;
  readonly actor: Actor;
  readonly outlet: Outlet;
  readonly overlay: Overlay | null;
  role: Role | null;
  /** It has sent a control message and therefore understands them. */
  listensToControl = false;
  /** Puts a message into its transport frame. */
  readonly pack: Pack;
  readonly #options: SessionOptions;
  readonly #change: Change;
  /** Its step1 was answered: it gets live updates from there on. */
  #joined = false;
  readonly #waiting: WaitingUpdates;
  /** Frames that came while a large sync is being tried out, in order. */
  #held: Uint8Array[] | null = null;
  /** Set while it is too slow for live frames: the lowest clock per client that it has not been sent. */
  #missed: Map<number, number> | null = null;
  #presenceAnsweredAt = Number.NEGATIVE_INFINITY;
  #deniedEdits = 0;
  #deniedAt = Number.NEGATIVE_INFINITY;

  constructor(room: Room, options: SessionOptions) {
    this.room = room;
    this.actor = options.actor;
    this.role = options.role;
    this.outlet = options.outlet;
    this.overlay = options.overlay;
    this.pack = options.pack;
    this.#options = options;
    this.#change = { kind: 'edit', actor: options.actor.userId, meta: null, from: this, ranges: [], settle: null };
    this.#waiting = new WaitingUpdates(options.limits.maxWaitingUpdates, options.limits.maxWaitingBytes);
    room.enter(this);
  }

  /** Handles one frame. Throws ContrailError; the connection is then to be closed with it. */
  receive(bytes: Uint8Array): void {
    if (this.#held) return this.#hold(bytes);
    const frame = decodeFrame(bytes, this.#options.limits.protocol);
    switch (frame.type) {
      case 'step1':
        return answerStep1(this, frame.stateVector, allows(this.role, 'edit'));
      case 'step2':
        return this.#sync(frame.update);
      case 'update':
        return this.#update(frame.update);
      case 'awareness':
        this.room.presence(this, frame.entries);
        return;
      case 'query-awareness':
        return this.#answerPresence();
      case 'control':
        return this.#control(frame.text);
    }
  }

  /** A live packet; the entries it is made of are noted if it cannot be taken now. */
  offer(packet: Packet, entries: readonly { readonly ranges: readonly ClockRange[] }[]): void {
    if (!this.#joined) return;
    if (!this.#missed) {
      if (this.outlet.offer(packet)) return;
      this.#missed = new Map();
    }
    for (const { ranges } of entries) {
      for (const { client, clock } of ranges) {
        const lowest = this.#missed.get(client);
        if (lowest === undefined || clock < lowest) this.#missed.set(client, clock);
      }
    }
  }

  /** The connection has caught up: what it missed is sent as one difference. */
  drained(): void {
    if (this.#missed && !this.room.closed) answerMissed(this, this.#missed);
  }

  /** An answer that changes what the session gets from now on has left. */
  answered(what: 'joined' | 'caught-up'): void {
    if (what === 'joined') this.#joined = true;
    this.#missed = null;
  }

  /** Sends a notice to a connection that understands control messages. */
  notice(message: JsonObject): void {
    if (this.listensToControl) this.outlet.send(this.pack(encodeControl(JSON.stringify(message))));
  }

  leave(): void {
    this.room.leave(this);
    this.overlay?.close();
    this.#waiting.clear();
  }

  #hold(bytes: Uint8Array): void {
    if ((this.#held?.push(bytes.slice()) ?? 0) > maxHeldFrames)
      throw new ContrailError('rate-limited', 'too many frames while the document is being checked');
  }

  /** What a client's step2 brings is complete: nothing in it, and nothing it sent before, can lack anything afterwards. */
  #sync(bytes: Uint8Array): void {
    const { firstSync, liveUpdate } = this.#options.limits;
    const parsed = parseUpdate(bytes, firstSync);
    const structs = parsed.sections.reduce((sum, section) => sum + section.structs.length, 0);
    if (structs <= liveUpdate.maxStructs) return this.#finishSync(parsed);
    // The frame's memory belongs to the socket.
    const copy = bytes.slice();
    this.#held = [];
    this.#options.trial(Y.encodeStateAsUpdate(this.room.doc), copy).then(
      () => this.#resume(() => this.#finishSync(parseUpdate(copy, firstSync))),
      (error: unknown) => this.outlet.close(asContrailError(error)),
    );
  }

  /** Handles what came while a large sync was tried out. */
  #resume(first: () => void): void {
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

  #finishSync(parsed: ParsedUpdate): void {
    const { firstSync } = this.#options.limits;
    const complete = this.#accept(parsed, firstSync, true);
    this.#waiting.retry((waiting) => this.#accept(waiting, firstSync));
    if (!complete || this.#waiting.size > 0) {
      this.#waiting.clear();
      throw new ContrailError('invalid-update', 'missing-dependencies: it refers to what nobody has');
    }
  }

  #update(bytes: Uint8Array): void {
    const { liveUpdate, maxUpdateBytes } = this.#options.limits;
    if (bytes.length > maxUpdateBytes)
      throw new ContrailError('too-large', `a live update may have ${maxUpdateBytes} bytes`);
    const parsed = parseUpdate(bytes, liveUpdate);
    if (allows(this.role, 'edit') && this.room.type(parsed, this.#change)) return;
    if (this.#accept(parsed, liveUpdate)) {
      if (this.#waiting.size > 0) this.#waiting.retry((waiting) => this.#accept(waiting, liveUpdate));
      return;
    }
    this.#waiting.add(parseUpdate(bytes.slice(), liveUpdate));
    askForMore(this);
  }

  /** Whether the update was dealt with; `false` when it depends on something that is not there yet. */
  #accept(given: ParsedUpdate, limits: UpdateLimits, isSync = false): boolean {
    const parsed = this.overlay ? this.#strip(this.overlay, given, limits, isSync) : given;
    const verdict = checkUpdate(this.room.doc, parsed, limits);
    if (verdict.kind === 'refused') throw new ContrailError('invalid-update', `${verdict.rule}: ${verdict.detail}`);
    if (verdict.kind === 'accepted' && !verdict.news) {
      if (this.listensToControl) this.room.answer(this, () => [], 'saved');
      return true;
    }
    if (!allows(this.role, 'edit')) {
      this.#deny();
      return true;
    }
    if (verdict.kind === 'not-ready') return false;
    this.room.apply(parsed, { ...this.#change, ranges: verdict.sections });
    return true;
  }

  /** What of an update is the document's; stale channel content that the client still holds is retracted. */
  #strip(overlay: Overlay, parsed: ParsedUpdate, limits: UpdateLimits, isSync: boolean): ParsedUpdate {
    const ownClient = this.room.awareness.clientOf(this) ?? null;
    const { update, retractions } = overlay.strip(parsed, this.room.doc, { isSync, ownClient, limits });
    if (retractions.length > 0) this.outlet.send(this.pack(encodeUpdate(encodeRetraction(retractions))));
    return update;
  }

  /** A viewer's edit is dropped and the viewer told; who keeps writing is closed (docs/access.md). */
  #deny(): void {
    this.#deniedEdits += 1;
    if (this.#deniedEdits > maxDeniedEdits)
      throw new ContrailError('forbidden', 'you may read this document, not edit it');
    const now = this.#options.now();
    if (now - this.#deniedAt < deniedIntervalMs) return;
    this.#deniedAt = now;
    const detail = 'You may read this document, not edit it.';
    this.outlet.send(this.pack(encodePermissionDenied(detail)));
    this.notice({ event: 'rejected', code: 'forbidden', detail });
  }

  #answerPresence(): void {
    const now = this.#options.now();
    if (now - this.#presenceAnsweredAt < presenceAnswerIntervalMs) return;
    this.#presenceAnsweredAt = now;
    const presence = this.room.awareness.snapshot();
    if (presence) this.outlet.send(this.pack(presence));
  }

  #control(text: string): void {
    this.listensToControl = true;
    const request = parseRequest(text);
    const reply = (body: JsonObject) =>
      this.outlet.send(this.pack(encodeControl(JSON.stringify({ id: request['id'] ?? null, ...body }))));
    this.#options.control(this, request).then(
      (ok) =>
        reply(
          ok
            ? { ok }
            : {
                error: { code: 'bad-request', detail: `There is no request "${String(request['do']).slice(0, 64)}".` },
              },
        ),
      (thrown: unknown) => {
        const { code, detail } = asContrailError(thrown);
        reply({ error: { code, detail } });
      },
    );
  }
}

const parseRequest = (text: string): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ContrailError('malformed', 'the control message is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ContrailError('malformed', 'the control message is not an object');
  return value as JsonObject;
};
