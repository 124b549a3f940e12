// What leaves a room once it is durable, in the order of its outbox: edits to everybody but their authors, answers, "saved" notices.
//
// In a large room every edit is a write to each of its sockets, whose number decides what the room costs. There edits leave within a window
// that grows with the room, as presence does: the first at once, those that follow it closely together, in one write for each socket.

import type { Position } from '../model/events.js';
import type { Clock } from '../model/time.js';
import type { EditEntry, Outbox, OutboxEntry } from './outbox.js';
import type { Packet } from './outlet.js';
import type { Session } from './session.js';

const smallRoom = 64;
const largeRoom = 200;
const longestWindowMs = 16;

/** How far apart edits leave a room with so many connections: at most one frame of a screen. */
export const editWindowMs = (connections: number): number =>
  connections <= smallRoom
    ? 0
    : Math.ceil(longestWindowMs * Math.min(1, (connections - smallRoom) / (largeRoom - smallRoom)));

export interface DeliveryOptions {
  readonly sessions: ReadonlySet<Session>;
  /** What is still held back. */
  readonly outbox: Pick<Outbox, 'awaits'>;
  readonly clock: Clock;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  #waiting: readonly OutboxEntry[] = [];
  #seq = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** Takes what has become durable: `positions` are those of the edits among it, `seq` is the last durable one. */
  release(entries: readonly OutboxEntry[], positions: readonly Position[], seq: number): void {
    let index = 0;
    let mayWait = this.#options.sessions.size > smallRoom;
    for (const entry of entries) {
      if (entry.kind !== 'edit') {
        mayWait = false;
        continue;
      }
      const position = positions[index++];
      if (position) entry.settle?.logged(position);
    }
    this.#waiting = this.#waiting.length === 0 ? entries : this.#waiting.concat(entries);
    this.#seq = seq;
    if (!mayWait) return this.#send();
    const now = this.#options.clock.now();
    const waitMs = this.#sentAt + editWindowMs(this.#options.sessions.size) - now;
    if (waitMs <= 0) {
      this.#sentAt = now;
      return this.#send();
    }
    this.#cancel ??= this.#options.clock.after(waitMs, () => {
      this.#sentAt = this.#options.clock.now();
      this.#send();
    });
  }

  /** Durable, and waiting for the end of the window. */
  get waiting(): readonly OutboxEntry[] {
    return this.#waiting;
  }

  /** The room is gone, and with it whoever was to be told. */
  end(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  #send(): void {
    this.#cancel?.();
    this.#cancel = null;
    const entries = this.#waiting;
    this.#waiting = [];
    deliver(entries, this.#options, this.#seq);
  }
}

/** Sends the entries. Runs of edits go to each mere reader as one packet. */
const deliver = (entries: readonly OutboxEntry[], { sessions, outbox }: DeliveryOptions, seq: number): void => {
  let run: EditEntry[] = [];
  let savers: Set<Session> | null = null;
  for (const entry of entries) {
    if (entry.kind === 'edit') {
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
