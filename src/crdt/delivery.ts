// What leaves a room once it is durable, in the order of its outbox: edits to everybody but their authors, answers, "saved" notices.

import type { Position } from '../model/events.js';
import type { EditEntry, Outbox, OutboxEntry } from './outbox.js';
import type { Packet } from './outlet.js';
import type { Session } from './session.js';

export interface Durable {
  /** Of the edits among the entries, in their order. */
  readonly positions: readonly Position[];
  readonly sessions: ReadonlySet<Session>;
  /** Seq of the last durable event. */
  readonly seq: number;
  /** What is still held back. */
  readonly outbox: Pick<Outbox, 'awaits'>;
}

/** Sends the entries. Runs of edits go to each mere reader as one packet. */
export const deliver = (entries: readonly OutboxEntry[], { positions, sessions, seq, outbox }: Durable): void => {
  let run: EditEntry[] = [];
  let index = 0;
  let savers: Set<Session> | null = null;
  for (const entry of entries) {
    if (entry.kind === 'edit') {
      const position = positions[index++];
      if (position) entry.settle?.logged(position);
      if (entry.from?.listensToControl) savers = (savers ?? new Set()).add(entry.from);
      if (entry.packet) run.push(entry);
      continue;
    }
    if (entry.kind === 'mark') {
      entry.settle.logged();
      continue;
    }
    broadcast(sessions, run);
    run = [];
    const { session, then } = entry;
    if (!sessions.has(session) || !session.role) continue;
    const packets = entry.compose();
    const [packet] = packets;
    if (packet) session.outlet.send(packets.length === 1 ? packet : Buffer.concat(packets));
    if (then === 'saved') savers = (savers ?? new Set()).add(session);
    else if (typeof then === 'function') then(seq);
    else if (then) session.answered(then);
  }
  broadcast(sessions, run);
  // Who has more on its way to the log hears of it with that commit: the notice says that all it has sent is on disk.
  for (const session of savers ?? []) {
    if (session.settled && !outbox.awaits(session)) session.notice({ event: 'saved', seq });
  }
};

/**
 * Sends a run of edits to everybody but their authors. Whoever wrote none of them gets the run as one packet, made once; packets are whole
 * transport frames, so several in a row are what the client would have received one by one.
 */
const broadcast = (sessions: ReadonlySet<Session>, run: readonly EditEntry[]): void => {
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
