// Control messages (type 64): requests that a connection makes beside the Yjs protocol (docs/wire.md). Which there are is put together in
// server.ts; here is what every connection may ask.

import type { ControlHandler } from '../crdt/control-request.js';
import type { Session } from '../crdt/session.js';

/** `hello` is answered after the commit of everything the connection has sent before: its `seq` includes that. */
const hello: ControlHandler = async (session, request) =>
  request['do'] === 'hello'
    ? {
        actor: session.actor.userId,
        role: session.role,
        seq: await committed(session),
        channels: session.overlay?.channels ?? [],
      }
    : null;

const committed = (session: Session): Promise<number> =>
  new Promise((resolve) => session.room.answer(session, () => [], resolve));

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
