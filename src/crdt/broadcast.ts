// Fan-out of durable edits to the sessions of a room.

import type { EditEntry } from './outbox.js';
import type { Packet } from './outlet.js';
import type { Session } from './session.js';

/**
 * Sends a run of edits to everybody but their authors. Whoever wrote none of them gets the run as one packet, made once; packets are whole
 * transport frames, so several in a row are what the client would have received one by one.
 */
export const broadcast = (sessions: ReadonlySet<Session>, run: readonly EditEntry[]): void => {
  const [first] = run;
  if (!first?.packet) return;
  if (run.length === 1) {
    for (const session of sessions) if (session !== first.from) session.offer(first.packet, run);
    return;
  }
  const packets = run.flatMap(({ packet }) => packet ?? []);
  const all = Buffer.concat(packets as Packet[]);
  const authors = new Set(run.map(({ from }) => from));
  for (const session of sessions) {
    if (!authors.has(session)) session.offer(all, run);
    else for (const entry of run) if (entry.from !== session && entry.packet) session.offer(entry.packet, [entry]);
  }
};
