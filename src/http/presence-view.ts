// Who is there, as REST and embedding code show it.

import type { Presence, PresentUser } from '../crdt/presence.js';
import type { Room } from '../crdt/room.js';
import type { Session } from '../crdt/session.js';
import type { DocumentId } from '../model/ids.js';
import type { Json } from '../model/json.js';
import type { Role } from '../model/roles.js';
import { formatTime } from '../model/time.js';

export interface Person {
  userId: string;
  name: string | null;
  status: 'online' | 'away';
  /** RFC 3339: when the person's first connection came. */
  since: string;
}
export interface OnlinePerson extends Person {
  /** Ids of the documents that are open in their clients. */
  documents: string[];
}
export interface ActivePerson extends Person {
  role: Role;
  typing: boolean;
}
export interface Cursor {
  /** The Yjs client id of the connection. */
  clientId: number;
  userId: string;
  name: string | null;
  /** Whatever the editor's binding puts there; `null` for nothing. */
  cursor: Json;
  /** The whole awareness state. */
  state: { [key: string]: Json };
}

/** Everybody who is not offline, in the order in which they came, with those of their documents that the asker may know. */
export const peopleOnline = (presence: Presence, mayKnow: (id: DocumentId) => boolean): OnlinePerson[] =>
  presence.users().map((user) => ({
    ...presentPerson(user),
    documents: [...new Set([...user.sessions].map(({ room }) => room.id))].filter(mayKnow),
  }));

/** Who has a document open, once each however many connections they have; `null` for one that is not in memory. */
export const peopleIn = (room: Room | null, presence: Presence): ActivePerson[] =>
  (room ? presence.usersIn(room) : []).flatMap((user) => {
    const here = [...user.sessions].filter((session) => session.room === room);
    const role = here[0]?.role;
    return role ? [{ ...presentPerson(user), role, typing: here.some(isTyping) }] : [];
  });

/** The awareness states of a document, one per connection that has one. */
export const cursorsIn = (room: Room | null): Cursor[] => {
  const owners = new Map<object, Session>([...(room?.sessions ?? [])].map((session) => [session, session]));
  return (room?.awareness.states() ?? []).flatMap(({ client, owner, state }) => {
    const session = owners.get(owner);
    if (!session?.role) return [];
    const { userId, name } = session.actor;
    return [{ clientId: client, userId, name, cursor: state['cursor'] ?? null, state: { ...state } }];
  });
};

const presentPerson = ({ userId, name, status, since }: PresentUser): Person => ({
  userId,
  name,
  status,
  since: formatTime(since),
});

const isTyping = (session: Session): boolean => session.room.awareness.fieldsOf(session).typing;
