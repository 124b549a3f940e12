// Control messages (type 64): requests that a connection makes beside the Yjs protocol (docs/wire.md).

import type { ControlHandler } from '../crdt/session.js';

export const controlHandler = (): ControlHandler => async (session, request) => {
  switch (request['do']) {
    case 'hello':
      return {
        actor: session.actor.userId,
        role: session.role,
        seq: session.room.seq,
        channels: session.overlay?.channels ?? [],
      };
    default:
      return null;
  }
};
