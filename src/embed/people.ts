// `contrail.presence` and `contrail.messages`: who is there, and telling them something at once. Nothing of this is logged.

import type { Messages } from '../crdt/messages.js';
import type { Presence, PresenceStatus } from '../crdt/presence.js';
import { checked } from '../http/checked.js';
import { messageSchema } from '../http/message-routes.js';
import { type OnlinePerson, peopleOnline } from '../http/presence-view.js';
import { ContrailError } from '../model/errors.js';
import type { Json } from '../model/json.js';
import { userIdOf } from './arguments.js';

export interface PresenceCalls {
  /** Everybody who is online or away, in the order in which they came. */
  online(): readonly OnlinePerson[];
  statusOf(userId: string): PresenceStatus;
}

/**
 * A name of 1 to 128 characters and JSON of at most 64 KiB, as the control notice `{"event":"message","name","data"}`. It reaches the
 * connections that have sent a control message before (docs/wire.md), now or never; the number is how many those were.
 */
export interface MessageCalls {
  /** Throws `bad-request`. */
  toUser(userId: string, name: string, data?: Json): number;
  toAll(name: string, data?: Json): number;
}

export const presenceCalls = (presence: Presence): PresenceCalls => ({
  online: () => peopleOnline(presence, () => true),
  statusOf: (userId) => presence.statusOf(userIdOf(userId)),
});

export const messageCalls = (messages: Messages): MessageCalls => {
  const messageOf = (name: string, data: Json | undefined) => {
    const message = checked(messageSchema, { name, data: plain(data) });
    return { name: message.name, data: message.data as Json };
  };
  return {
    toUser: (userId, name, data) => messages.toUser(userIdOf(userId), messageOf(name, data)),
    toAll: (name, data) => messages.toAll(messageOf(name, data)),
  };
};

/** What a schema can walk through: a cycle has no end. */
const plain = (data: Json | undefined): Json | undefined => {
  try {
    JSON.stringify(data);
  } catch (cause) {
    throw new ContrailError('bad-request', '/data: must be JSON', {
      cause,
      faults: [{ at: '/data', detail: 'must be JSON' }],
    });
  }
  return data;
};
