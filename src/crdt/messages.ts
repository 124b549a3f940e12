// Named messages to people: a JSON value on every connection of theirs that has shown that it speaks control messages. Nothing of it is
// logged or kept: who is not there does not get it. What must arrive is a notification.

import type { UserId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { Pack } from './outlet.js';
import type { Presence } from './presence.js';
import { encodeControl } from './protocol.js';
import type { Rooms } from './rooms.js';
import type { Session } from './session.js';

export interface Message {
  /** What kind of message it is: 1 to 128 characters. */
  readonly name: string;
  readonly data: Json;
}

export const maxMessageNameLength = 128;
/** Of the data as JSON in UTF-8. */
export const maxMessageBytes = 64 * 1024;

export class Messages {
  readonly #rooms: Rooms;
  readonly #presence: Presence;
  readonly #pack: Pack;

  constructor(parts: { readonly rooms: Rooms; readonly presence: Presence; readonly pack: Pack }) {
    this.#rooms = parts.rooms;
    this.#presence = parts.presence;
    this.#pack = parts.pack;
  }

  /** Sends to a person's connections; how many there were that listen. */
  toUser(userId: UserId, message: Message): number {
    return this.#send(this.#presence.sessionsOf(userId), message);
  }

  /** The same for everybody's. */
  toAll(message: Message): number {
    return this.#send(this.#sessions(), message);
  }

  *#sessions(): Iterable<Session> {
    for (const room of this.#rooms.all()) yield* room.sessions;
  }

  #send(sessions: Iterable<Session>, { name, data }: Message): number {
    const packet = this.#pack(encodeControl(JSON.stringify({ event: 'message', name, data })));
    // A connection that is closed for being slow leaves its room meanwhile.
    const listening = [...sessions].filter(({ role, listensToControl }) => role !== null && listensToControl);
    for (const { outlet } of listening) outlet.send(packet);
    return listening.length;
  }
}
