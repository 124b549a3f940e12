// Who wants to hear of rooms and of the connections in them: presence, locks, and whatever else follows people around.

import type { Room } from './room.js';
import type { Session } from './session.js';

/** Hears of rooms and of who is in them. */
export interface RoomObserver {
  /** Called before anybody enters; the room is not opened when it throws. */
  opened(room: Room): void;
  entered(room: Room, session: Session): void;
  left(room: Room, session: Session): void;
}

/** Tells several of everything, in order. */
export const observers = (all: readonly Partial<RoomObserver>[]): RoomObserver => ({
  opened: (room) => {
    for (const each of all) each.opened?.(room);
  },
  entered: (room, session) => {
    for (const each of all) each.entered?.(room, session);
  },
  left: (room, session) => {
    for (const each of all) each.left?.(room, session);
  },
});
