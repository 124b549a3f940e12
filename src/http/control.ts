// Control messages (type 64): requests that a connection makes beside the Yjs protocol (docs/wire.md). Which there are is put together in
// server.ts; here is what every connection may ask.

import type { ControlHandler } from '../crdt/session.js';

const hello: ControlHandler = async (session, request) =>
  request['do'] === 'hello'
    ? {
        actor: session.actor.userId,
        role: session.role,
        seq: session.room.seq,
        channels: session.overlay?.channels ?? [],
      }
    : null;

/** Asks each handler in turn until one knows the request. */
export const controlHandler =
  (...more: readonly ControlHandler[]): ControlHandler =>
  async (session, request) => {
    for (const handle of [hello, ...more]) {
      const answer = await handle(session, request);
      if (answer) return answer;
    }
    return null;
  };
